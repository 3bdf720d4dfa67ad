import pytest

from stripeflow.actions import errors
from stripeflow.triggers.redaction import hiding
from stripeflow.workflows.engine.perform import perform
from tests.workflows.recording import Recorder, recording_action


class Context:
    idempotency_key = "stripeflow:run:step:1"


def code_of(code):
    recorder = Recorder()
    recorder.then(errors.PermanentError("No.", code=code))
    return perform(recording_action(recorder)(), {"text": "a"}, Context()).code


@pytest.mark.parametrize("code", ["no_order", "http_404"])
def test_a_stable_code_is_kept(code):
    assert code_of(code) == code


@pytest.mark.parametrize("code", ["jane.doe@example.com", "No order of Jane", "cus_9X", "a" * 61, "a\n", 404])
def test_a_code_that_may_be_a_value_is_not_kept(code):
    assert code_of(code) == "action_error"


def test_nor_is_one_that_is_a_secret():
    with hiding(["swordfish"]):
        assert code_of("swordfish") == "action_error"
