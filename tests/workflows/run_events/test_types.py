from itertools import product

import pytest
from django.dispatch import Signal

from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.run_events import types
from stripeflow.workflows.run_events.types import RunEvent
from stripeflow.workflows.states import RunStatus

EXPECTED = {
    (RunStatus.WAITING, ""): "run.waiting",
    (RunStatus.SUCCEEDED, ""): "run.succeeded",
    (RunStatus.FAILED, ""): "run.failed",
    (RunStatus.OUTCOME_UNKNOWN, ""): "run.outcome_unknown",
    (RunStatus.HELD, "undecided"): "run.undecided",
    (RunStatus.CANCELED, ""): "run.canceled",
}


@pytest.mark.parametrize(("status", "reason"), list(product(RunStatus, ["", *HeldReason.values])))
def test_which_event_a_run_is_left_with(status, reason):
    event = types.of(status, reason)
    assert (event.type if event else None) == EXPECTED.get((status, reason))


def test_a_host_registers_one_of_its_own_once():
    own = RunEvent("run.own", "Own", "Of a host.", Signal())
    with types.temporarily(own):
        assert ("run.own", "Own") in types.choices()
        with pytest.raises(ValueError, match="run.own"):
            types.register(RunEvent("run.own", "Another", "", Signal()))
    assert types.title_of("run.own") == "run.own"


def test_each_has_words_for_people():
    for event in types.known():
        assert event.title
        assert str(event.description).endswith(".")
