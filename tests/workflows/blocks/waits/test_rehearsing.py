"""What a dry run says of waits, and of what comes after them."""

import pytest

from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.rehearsal.results import End, State, WayState
from stripeflow.workflows.rehearsal.samples import NothingKnown, Origin, Sampled
from stripeflow.workflows.rehearsal.walking import Given, rehearse
from tests.workflows.blocks.test_once import once
from tests.workflows.blocks.waits.conftest import START
from tests.workflows.blocks.waits.steps import wait, wait_until
from tests.workflows.documents import action, branch, compare, document, group, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

ASK = action("ask", "test.ask", text="{{ trigger.id }}")
MAIL = action("mail", text="a")
# Each leaves open for how long a run waits.
OPEN_WAITS = {
    "by a step": (ASK, wait_until("first", date="{{ steps.ask.text }}")),
    "on a branch": (ASK, branch("b", way("one", group(compare("steps.ask.text", "equal", "a")), wait()))),
    "the first time": (once(wait()),),
}


class MadeUp:
    """Each step gives a text that was made up."""

    def outputs(self, action, inputs, *, as_platform):
        return Sampled({"text": "2026-07-10", "is_first": True}, Origin.SAMPLE)


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def tried(*steps, samples=None, is_sample=False):
    written = document(*steps)
    payload = {"id": "evt_1", "data": {"object": payment(created=int(START.timestamp()), customer="cus_1")}}
    plan = build(written, validate(written).types)
    return rehearse(plan, Given(payload, is_sample), now=START, samples=samples or NothingKnown())


def test_conditions_after_a_wait_are_judged_at_its_end():
    is_old = group(compare("trigger.created", "longer_ago_than", 1))
    steps = (branch("early", way("yes", is_old)), wait(), branch("late", way("yes", is_old, MAIL)))
    early, _wait, late = tried(*steps).steps
    assert (early.ways[0].state, late.ways[0].state) == (WayState.NOT_TAKEN, WayState.TAKEN)


@pytest.mark.parametrize("steps", OPEN_WAITS.values(), ids=OPEN_WAITS)
@pytest.mark.parametrize("later", [wait("later"), wait_until("later")], ids=["wait", "until"])
def test_after_a_wait_of_unknown_length_no_later_one_has_a_date(steps, later):
    last = tried(*steps, later).steps[-1]
    assert (last.state, last.goes_on_at, last.outputs, last.is_wait_open) == (
        State.WOULD_RUN,
        None,
        None,
        True,
    )


def test_it_is_open_how_a_run_ends_where_nobody_knows_if_the_date_is_past():
    found = tried(ASK, wait_until("until", MAIL, date="{{ steps.ask.text }}"))
    assert (found.end, found.steps[1].lanes[0].state) == (End.OPEN, WayState.POSSIBLE)


@pytest.mark.parametrize(
    ("steps", "given", "origin"),
    [
        ((wait(),), {}, Origin.EVENT),
        ((wait(),), {"is_sample": True}, Origin.SAMPLE),
        ((ASK, wait_until(date="{{ steps.ask.text }}")), {"samples": MadeUp()}, Origin.SAMPLE),
        (
            (ASK, wait_until(date="{{ steps.ask.text }}"), wait()),
            {"samples": MadeUp()},
            Origin.SAMPLE,
        ),
    ],
    ids=["event", "sample event", "sample of a step", "after one of a sample"],
)
def test_until_says_that_it_was_made_of_samples(steps, given, origin):
    assert tried(*steps, **given).steps[-1].outputs.origin is origin


@pytest.mark.parametrize("again", [(), (MAIL,)], ids=["one branch", "two branches"])
@pytest.mark.parametrize("given", [{}, {"samples": MadeUp()}], ids=["back-test", "dry run"])
def test_nobody_knows_beforehand_which_run_is_the_first(again, given):
    step = once(action("one", text="a"), again=again)
    step["branches"] = [lane for lane in step["branches"] if lane["steps"]]
    is_first = group(compare("steps.once.is_first", "is_true", None))
    found = tried(step, branch("b", way("first", is_first, action("two", text="b"))), **given)
    first, chosen = found.steps
    assert {lane.state for lane in first.lanes} == {WayState.POSSIBLE}
    assert (found.end, first.outputs, chosen.ways[0].state) == (End.OPEN, None, WayState.POSSIBLE)
