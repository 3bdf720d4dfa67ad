"""What a run would do, told without doing it."""

from datetime import UTC, datetime

import pytest

from stripeflow.workflows.conditions import Truth
from stripeflow.workflows.definition.condition_types import types_of
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.rehearsal.results import End, State, WayState
from stripeflow.workflows.rehearsal.samples import NothingKnown, Origin
from stripeflow.workflows.rehearsal.walking import Given, rehearse
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.events import payment

NOW = datetime(2026, 1, 1, tzinfo=UTC)
LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
HUGE = group(compare("trigger.amount", "greater_than", usd(9999)))


def tried(*steps, obj=None, samples=None, anyway=False, **options):
    written = document(*steps, **options)
    plan = build(written, types_of(written))
    payload = {"id": "evt_1", "data": {"object": obj or payment()}}
    return rehearse(plan, Given(payload), now=NOW, samples=samples, anyway=anyway)


def states(found):
    return {step.key: step.state for step in found.actions()}


def test_nothing_is_called(recorder):
    tried(action("one", text="a"))
    assert recorder.calls == []


def test_renders_the_inputs_that_would_be_sent(recorder):
    (step,) = tried(action("one", text="Paid by {{ trigger.customer }}.")).steps
    assert step.state is State.WOULD_RUN
    assert step.inputs == {"text": "Paid by cus_test."}


def test_stands_still_where_the_trigger_conditions_are_not_met(recorder):
    found = tried(action("one", text="a"), conditions=HUGE)
    assert (found.truth, found.end) == (Truth.NOT_MET, End.NOT_STARTED)
    assert states(found) == {"one": State.NOT_REACHED}
    assert found.trigger.children[0].seen == 200_000


def test_goes_on_even_so_if_asked(recorder):
    found = tried(action("one", text="a"), conditions=HUGE, anyway=True)
    assert not found.starts
    assert states(found) == {"one": State.WOULD_RUN}


def test_an_unknown_trigger_condition_does_not_start_it(recorder):
    found = tried(action("one", text="a"), conditions=LARGE, obj={"object": "payment_intent"})
    assert (found.truth, found.end) == (Truth.UNKNOWN, End.NOT_STARTED)


def test_takes_the_first_branch_whose_conditions_are_met(recorder):
    found = tried(
        branch(
            "size",
            way("huge", HUGE, action("one", text="a")),
            way("large", LARGE, action("two", text="b")),
            way("again", LARGE, action("three", text="c")),
            otherwise=(action("four", text="d"),),
        )
    )
    (step,) = found.steps
    assert [one.state for one in step.ways] == [
        WayState.NOT_TAKEN,
        WayState.TAKEN,
        WayState.NOT_NEEDED,
        WayState.NOT_NEEDED,
    ]
    assert step.ways[0].evaluation.truth is Truth.NOT_MET
    assert step.ways[2].evaluation is None
    assert states(found) == {
        "one": State.NOT_REACHED,
        "two": State.WOULD_RUN,
        "three": State.NOT_REACHED,
        "four": State.NOT_REACHED,
    }


def test_an_unknown_branch_is_not_taken(recorder):
    unknown = group(compare("trigger.latest_charge", "equal", "ch_1"))
    size = branch("size", way("known", unknown), otherwise=(action("one", text="a"),))
    found = tried({**size, "if_undecided": "otherwise"})
    assert [one.state for one in found.steps[0].ways] == [WayState.NOT_TAKEN, WayState.TAKEN]
    assert found.end is End.DONE


def test_stops_at_a_step_that_would_fail(recorder):
    found = tried(action("one", text="{{ trigger.latest_charge }}"), action("two", text="b"))
    (fault,) = found.steps[0].faults
    assert (fault.code, fault.input) == ("missing_value", "text")
    assert states(found) == {"one": State.WOULD_FAIL, "two": State.NOT_REACHED}
    assert found.end is End.FAILED


def test_goes_on_after_a_step_that_may_fail(recorder):
    may_fail = {**action("one", text="{{ trigger.latest_charge }}"), "on_error": "continue"}
    found = tried(may_fail, action("two", text="b"))
    assert states(found) == {"one": State.WOULD_FAIL, "two": State.WOULD_RUN}
    assert found.end is End.DONE


def test_an_error_branch_takes_the_place_of_all_that_follows(recorder):
    failing = {
        **action("one", text="{{ trigger.latest_charge }}"),
        "on_error": "branch",
        "error_branch": {"steps": [action("told", text="{{ steps.one.error.code }}")]},
    }
    found = tried(failing, action("two", text="b"))
    assert states(found) == {"one": State.WOULD_FAIL, "told": State.WOULD_RUN, "two": State.NOT_REACHED}
    assert found.steps[0].error_steps[0].inputs == {"text": "missing_value"}
    assert found.end is End.DONE


def test_an_error_branch_is_not_reached_without_an_error(recorder):
    safe = {
        **action("one", text="a"),
        "on_error": "branch",
        "error_branch": {"steps": [action("told", text="b")]},
    }
    assert states(tried(safe)) == {"one": State.WOULD_RUN, "told": State.NOT_REACHED}


def test_a_failed_step_gives_nothing_to_later_ones(recorder):
    may_fail = {**action("one", text="{{ trigger.latest_charge }}"), "on_error": "continue"}
    found = tried(may_fail, action("two", text="{{ steps.one.text }}"))
    assert found.steps[1].faults[0].code == "missing_value"


def test_a_failure_inside_a_branch_ends_the_way_behind_it(recorder):
    failing = action("one", text="{{ trigger.latest_charge }}")
    found = tried(branch("size", way("large", LARGE, failing)), action("two", text="b"))
    assert states(found) == {"one": State.WOULD_FAIL, "two": State.NOT_REACHED}


def test_an_action_that_is_gone_would_fail():
    found = tried(action("one", "test.gone", text="a"))
    assert found.steps[0].faults[0].code == "action_not_installed"


def test_says_what_the_action_has_against_its_inputs():
    found = tried(action("one", "stripe.charges.retrieve", charge="{{ trigger.customer }} x"))
    assert found.steps[0].faults[0].input == "charge"
    assert found.end is End.FAILED


def test_made_up_outputs_have_the_id_that_was_asked_for():
    found = tried(
        action("get", "stripe.charges.retrieve", charge="{{ trigger.latest_charge }}"),
        action("mail", "stripe.charges.retrieve", charge="{{ steps.get.id }}"),
        obj=payment(latest_charge="ch_1"),
    )
    outputs = found.steps[0].outputs
    assert outputs.origin is Origin.SAMPLE
    assert (outputs.value["object"], outputs.value["id"]) == ("charge", "ch_1")
    assert found.steps[1].depends_on == ("get",)
    assert found.steps[0].depends_on == ()


def test_made_up_outputs_hold_what_the_step_writes():
    refund = action("refund", "stripe.refunds.create", charge="ch_1", amount=usd(5), reason="fraudulent")
    value = tried(refund).steps[0].outputs.value
    assert (value["charge"], value["amount"], value["currency"], value["reason"]) == (
        "ch_1",
        500,
        "usd",
        "fraudulent",
    )


def test_a_branch_says_on_whose_made_up_outputs_it_leans():
    dear = group(compare("steps.get.amount", "greater_than", usd(1)))
    found = tried(action("get", "stripe.charges.retrieve", charge="ch_1"), branch("size", way("dear", dear)))
    assert found.steps[1].ways[0].depends_on == ("get",)


# What the event alone decides


def alone(*steps, **options):
    return tried(
        action("get", "stripe.charges.retrieve", charge="ch_1"), *steps, samples=NothingKnown(), **options
    )


def test_a_branch_on_what_nobody_knows_stays_open(recorder):
    dear = group(compare("steps.get.amount", "greater_than", usd(1)))
    found = alone(
        branch(
            "size",
            way("huge", HUGE, action("no", text="a")),
            way("dear", dear, action("one", text="a")),
            otherwise=(action("two", text="b"),),
        ),
        action("three", text="c"),
    )
    assert [one.state for one in found.steps[1].ways] == [
        WayState.NOT_TAKEN,
        WayState.POSSIBLE,
        WayState.POSSIBLE,
    ]
    assert states(found) == {
        "get": State.WOULD_RUN,
        "no": State.NOT_REACHED,
        "one": State.POSSIBLE,
        "two": State.POSSIBLE,
        "three": State.WOULD_RUN,
    }
    assert found.end is End.OPEN


def test_what_is_surely_met_ends_the_possible_branches(recorder):
    dear = group(compare("steps.get.amount", "greater_than", usd(1)))
    found = alone(branch("size", way("dear", dear), way("large", LARGE, action("one", text="a"))))
    assert [one.state for one in found.steps[1].ways] == [
        WayState.POSSIBLE,
        WayState.POSSIBLE,
        WayState.NOT_NEEDED,
    ]


def test_a_branch_that_is_decided_in_spite_of_the_unknown_is_decided(recorder):
    either = group(
        compare("steps.get.amount", "greater_than", usd(1)),
        compare("trigger.amount", "greater_than", usd(1000)),
        match="any",
    )
    found = alone(branch("size", way("either", either, action("one", text="a"))))
    assert states(found)["one"] is State.WOULD_RUN


def test_absence_of_what_nobody_knows_decides_nothing(recorder):
    absent = group(compare("steps.get.description", "is_missing"))
    present = group(*absent["conditions"], match="none")
    for conditions in (absent, present):
        found = alone(branch("size", way("absent", conditions, action("one", text="a"))))
        assert states(found)["one"] is State.POSSIBLE


@pytest.mark.parametrize("text", ["{{ steps.get.amount }}", '{{ steps.get.amount | default("0") }}'])
def test_an_input_of_what_nobody_knows_is_not_reported(recorder, text):
    found = alone(action("one", text=text))
    assert (found.steps[1].unknown_inputs, found.steps[1].state) == (("text",), State.WOULD_RUN)
    assert found.end is End.DONE


EUROS = payment(500_000, "eur")


def test_a_branch_that_a_person_has_to_choose_lets_nothing_run_behind_it(recorder, money):
    met = group(compare("trigger.customer", "equal", "cus_test"))
    found = tried(
        action("before", text="a"),
        branch("size", way("large", LARGE, action("ask", text="b")), way("known", met), otherwise=(money,)),
        action("after", text="c"),
        obj=EUROS,
    )
    assert found.end is End.UNDECIDED
    assert states(found) == {
        "before": State.WOULD_RUN,
        "ask": State.POSSIBLE,
        "one": State.POSSIBLE,
        "after": State.POSSIBLE,
    }
    step = found.steps[1]
    assert step.state is State.WOULD_STOP
    assert {one.state for one in step.ways} == {WayState.POSSIBLE}
    assert [one.evaluation and one.evaluation.truth for one in step.ways] == [Truth.UNKNOWN, Truth.MET, None]


def test_behind_an_unknown_condition_all_other_cases_are_taken_and_none_that_is_met(recorder):
    met = group(compare("trigger.customer", "equal", "cus_test"))
    last = action("last", text="b")
    size = branch("size", way("large", LARGE), way("met", met), otherwise=(last,))
    found = tried({**size, "if_undecided": "otherwise"}, obj=EUROS)
    assert [one.state for one in found.steps[0].ways] == [
        WayState.NOT_TAKEN,
        WayState.NOT_NEEDED,
        WayState.TAKEN,
    ]
    assert (states(found), found.end) == ({"last": State.WOULD_RUN}, End.DONE)


def test_what_stops_for_a_person_behind_an_open_branch_may_stop(recorder, money):
    dear = group(compare("steps.get.amount", "greater_than", usd(1)))
    found = alone(
        branch("size", way("dear", dear), way("large", LARGE), otherwise=(money,)),
        action("after", text="c"),
        obj=EUROS,
    )
    assert found.end is End.OPEN
    assert states(found) == {"get": State.WOULD_RUN, "one": State.POSSIBLE, "after": State.POSSIBLE}


def test_an_error_branch_that_stops_for_a_person_lets_nothing_run_behind_the_step(recorder, money):
    broken = action("broken", text="{{ trigger.metadata.nothing }}")
    asked = branch("size", way("large", LARGE), otherwise=(money,))
    found = tried(failing(broken, asked), action("after", text="c"), obj=EUROS)
    assert found.end is End.UNDECIDED
    assert states(found)["one"] is State.POSSIBLE
    assert states(found)["after"] is State.NOT_REACHED
