from itertools import product

import pytest

from stripeflow.workflows.states import (
    TRANSITIONS,
    DeliveryStatus,
    ItemStatus,
    RunStatus,
    State,
    StepStatus,
    WorkflowStatus,
)

# Written out a second time, by hand: whoever changes the table has to say so here too.
EXPECTED = {
    WorkflowStatus: """
        draft active
        draft archived
        active active
        active inactive
        inactive active
        inactive archived
        archived inactive
        archived draft
    """,
    RunStatus: """
        queued running
        queued held
        queued canceled
        running running
        running waiting
        running held
        running outcome_unknown
        running succeeded
        running failed
        running canceled
        waiting running
        waiting held
        waiting canceled
        held queued
        held canceled
        outcome_unknown queued
        outcome_unknown canceled
        failed queued
    """,
    StepStatus: """
        started started
        started waiting
        started succeeded
        started failed
        started skipped
        started outcome_unknown
        waiting started
        waiting succeeded
        waiting skipped
        waiting failed
        waiting outcome_unknown
        outcome_unknown waiting
        outcome_unknown succeeded
        outcome_unknown failed
    """,
    ItemStatus: """
        pending succeeded
        pending failed
        failed pending
    """,
    DeliveryStatus: """
        pending sending
        pending canceled
        sending sending
        sending pending
        sending delivered
        sending failed
        sending canceled
        delivered pending
        failed pending
        canceled pending
    """,
}
PAIRS = [(kind, old, new) for kind in TRANSITIONS for old, new in product(kind, kind)]


@pytest.mark.parametrize(("kind", "old", "new"), PAIRS, ids=lambda value: getattr(value, "value", None))
def test_allows_exactly_the_listed_transitions(kind: type[State], old: State, new: State):
    listed = {tuple(line.split()) for line in EXPECTED[kind].strip().splitlines()}
    assert old.may_become(new) is ((old.value, new.value) in listed)


@pytest.mark.parametrize("kind", TRANSITIONS)
def test_before_is_the_inverse_of_may_become(kind: type[State]):
    for new in kind:
        assert set(kind.before(new)) == {old for old in kind if old.may_become(new)}


def test_only_ended_runs_are_final():
    assert {s for s in RunStatus if s.is_final} == {
        RunStatus.SUCCEEDED,
        RunStatus.FAILED,
        RunStatus.CANCELED,
    }


def test_no_run_state_but_the_ended_ones_is_a_dead_end():
    for state in RunStatus:
        if state not in {RunStatus.SUCCEEDED, RunStatus.CANCELED}:
            assert TRANSITIONS[RunStatus][state]
