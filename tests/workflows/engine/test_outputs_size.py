import json

from stripeflow.workflows.engine.outputs_size import LEFT_OUT, MAX_BYTES, bounded
from tests.workflows.documents import action


def test_what_fits_is_kept_as_it_is():
    outputs = {"id": "re_1", "text": "x" * 100}
    assert bounded(outputs) is outputs


def test_the_largest_fields_are_left_out_by_name_and_size():
    outputs = {"id": "re_1", "large": "x" * 500, "larger": "x" * 900, "amount": 5}
    assert bounded(outputs, limit=600) == {
        "id": "re_1",
        "large": "x" * 500,
        "amount": 5,
        LEFT_OUT: {"larger": 908},
    }


def test_very_many_small_fields_fit_as_well():
    kept = bounded({f"field_{number}": number for number in range(1000)}, limit=5000)
    assert len(kept) < 1000
    assert len(kept) + len(kept[LEFT_OUT]) == 1001


def test_a_run_records_what_it_left_out(finish, recorder):
    recorder.then(lambda: {"id": "re_1", "body": "x" * MAX_BYTES})
    run = finish(action("one", text="a"))
    outputs = run.steps.get().outputs
    assert run.status == "succeeded"
    assert set(outputs[LEFT_OUT]) == {"body"}
    assert len(json.dumps(outputs)) < 1000
