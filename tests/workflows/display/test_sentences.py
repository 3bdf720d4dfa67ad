from datetime import UTC, datetime

import pytest

from stripeflow.workflows.display.sentences import advice, state_sentence
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus


@pytest.mark.parametrize("status", RunStatus)
def test_every_status_has_a_sentence(status):
    assert state_sentence(Run(status=status)).endswith(".")


def test_a_held_run_says_why():
    assert state_sentence(Run(status="held", held_reason="paused")).startswith("The workflow is paused.")


def test_a_waiting_run_says_until_when():
    run = Run(status="waiting", due_at=datetime(2030, 1, 2, 3, 4, tzinfo=UTC))
    assert "2030" in state_sentence(run)


def test_a_known_error_says_what_to_do():
    assert advice({"code": "missing_value"}).endswith(".")


@pytest.mark.parametrize("error", [None, {}, {"code": "of_somebody_elses_action"}])
def test_another_error_says_nothing(error):
    assert advice(error) == ""


@pytest.mark.parametrize(
    ("reason", "ends"),
    [
        ("paused", "once the workflow is resumed."),
        ("switch", "once they are started again."),
        ("object", "once it is released."),
    ],
)
def test_a_held_run_says_what_it_waits_for(reason, ends):
    assert state_sentence(Run(status="held", held_reason=reason)).endswith(ends)


@pytest.mark.parametrize("code", ["key_expired", "replayed_error", "idempotency_mismatch", "interrupted"])
def test_tells_where_to_check_if_nobody_knows_what_a_call_did(code):
    assert "check" in advice({"code": code}).lower()
