"""Whatever the conditions say, a lane that moves money runs only if it was decided that it does."""

from datetime import UTC, datetime
from itertools import count

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.condition_types import types_of
from stripeflow.workflows.definition.lanes import lanes
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.results import State
from stripeflow.workflows.rehearsal.walking import Given, rehearse
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

# What these say of a payment of $2,000.00 USD.
TESTS = {
    Truth.MET: compare("trigger.amount", "greater_than", usd(1)),
    Truth.NOT_MET: compare("trigger.amount", "less_than", usd(1)),
    Truth.UNKNOWN: compare("trigger.amount", "less_than", {"amount": 100, "currency": "eur"}),
}
# Each example writes to the database, so that looking for a smaller one takes long.
hurried = settings(
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
_payments = count()


def branches(lanes):
    """Branch steps whose lanes are of the strategy `lanes`."""
    return st.builds(
        lambda truths, found, last, own: ("branch", list(zip(truths, found, strict=False)), last, own),
        st.lists(st.sampled_from([Truth.UNKNOWN, Truth.NOT_MET, Truth.MET]), min_size=1, max_size=3),
        st.lists(lanes, min_size=3, max_size=3),
        lanes,
        st.sampled_from([None, None, "stop", "otherwise"]),
    )


def handled(lanes):
    """Steps that fail, with an error branch of the strategy `lanes`."""
    return st.builds(lambda inner: ("handled", inner), lanes)


_leaves = st.sampled_from(["money", "mail", "fails"])
_flat = st.lists(_leaves, min_size=1, max_size=2)
_nested = st.lists(_leaves | handled(_flat) | branches(_flat), min_size=1, max_size=2)
workflows = st.lists(branches(_nested), min_size=1, max_size=2)


def built(shapes, numbers):
    """The steps of a document for these shapes, each with a key of its own."""
    return tuple(_built(shape, numbers) for shape in shapes)


def _built(shape, numbers):
    key = f"s{next(numbers)}"
    if shape == "money":
        return action(key, "test.money", text=key)
    if shape == "mail":
        return action(key, text=key)
    broken = action(key, text="{{ trigger.metadata.nothing }}")
    if shape == "fails":
        return {**broken, "on_error": "continue"}
    if shape[0] == "handled":
        return failing(broken, *built(shape[1], numbers))
    _kind, lanes, last, own = shape
    ways = (
        way(f"way_{number}", group(TESTS[truth]), *built(steps, numbers))
        for number, (truth, steps) in enumerate(lanes)
    )
    step = branch(key, *ways, otherwise=built(last, numbers))
    return {**step, "if_undecided": own} if own else step


def above(steps, found=()):
    """Each action's key and kind, with the branch steps above it and the way of each that leads to it."""
    for step in steps:
        if step["type"] == "action":
            yield step["key"], step["action"], found
        for lane in lanes(step):
            yield from above(lane.steps, (*found, (step, lane.own)) if step["type"] == "branch" else found)


def decided(step, lane, truth_of):
    """Whether this way is met, or "All other cases", and none before it is met or unknown."""
    ways = step["branches"]
    before = [truth_of(one) for one in ways[: ways.index(lane)]]
    return set(before) <= {Truth.NOT_MET} and (lane.get("otherwise") or truth_of(lane) is Truth.MET)


def paid():
    """A payment of an object of its own."""
    return payment(200_000, id=f"pi_{next(_payments)}")


def started(start, steps, event):
    """A run of these steps, whose workflow no later event starts."""
    run = start(*steps, obj=event)
    lifecycle.deactivate(run.workflow)
    return run


def truth_of(lane):
    (test,) = lane["conditions"]["conditions"]
    return next(truth for truth, one in TESTS.items() if one == test)


@settings(hurried, max_examples=25)
@given(shapes=workflows, data=st.data())
def test_money_moves_only_where_it_was_decided(shapes, data, start, recorder, money):
    recorder.calls.clear()
    steps = built(shapes, count())
    run = started(start, steps, paid())
    chosen = {}
    while execute(run.pk) is RunStatus.HELD:
        run.refresh_from_db()
        assert run.held_reason == HeldReason.UNDECIDED
        asked = run.error["step"]
        assert asked not in chosen
        chosen[asked] = data.draw(st.sampled_from(_keys(steps, asked)))
        on_runs.choose(run, chosen[asked], Act(), revision=run.revision)
    for key, kind, way_here in above(steps):
        if kind != "test.money" or key not in recorder.texts:
            continue
        for step, lane in way_here:
            by_person = chosen.get(step["key"]) == lane["key"]
            by_author = step.get("if_undecided") == "otherwise" and lane.get("otherwise")
            assert by_person or by_author or decided(step, lane, truth_of), (step, lane)


@settings(hurried, max_examples=25)
@given(shapes=workflows)
def test_a_rehearsal_says_which_steps_run_without_a_person(shapes, start, recorder, money):
    recorder.calls.clear()
    steps = built(shapes, count())
    event = paid()
    written = document(*steps)
    plan = build(written, types_of(written))
    told = rehearse(plan, Given({"data": {"object": event}}), now=datetime(2026, 1, 1, tzinfo=UTC))
    surely = [step.key for step in told.actions() if step.state is State.WOULD_RUN]
    run = started(start, steps, event)
    status = execute(run.pk)
    assert recorder.texts == surely
    assert (status is RunStatus.HELD) is (told.end.value == "undecided")


def _keys(steps, wanted):
    for step in steps:
        if step["key"] == wanted:
            return [lane["key"] for lane in step["branches"]]
        for lane in lanes(step):
            if found := _keys(lane.steps, wanted):
                return found
    return []
