from datetime import timedelta
from uuid import UUID

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine import transitions
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.transitions import LostLease, claim_run
from stripeflow.workflows.liveness import termination
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action, branch, compare, group, usd, way
from tests.workflows.events import payment, rewrite

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(2000)))


def step(run, key):
    return StepRun.objects.get(run=run, path=key)


def expire(run):
    type(run).objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def crash(run, monkeypatch):
    """Execute the run with a worker that dies right after its call, before the outcome is written."""

    class Died(BaseException):
        pass

    def die(*args, **kwargs):
        raise Died

    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.engine.recording.end_step", die)
        with pytest.raises(Died):
            execute(run.pk)
    expire(run)


def due_now(run):
    type(run).objects.filter(pk=run.pk).update(due_at=timezone.now())


def test_runs_the_steps_in_order_and_records_them(finish, recorder):
    run = finish(action("one", text="a"), action("two", text="b {{ steps.one.text }}"))
    assert recorder.texts == ["a", "b a"]
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)
    assert run.finished_at is not None
    assert [(s.path, s.status, s.inputs, s.outputs) for s in run.steps.all()] == [
        ("one", "succeeded", {"text": "a"}, {"text": "a"}),
        ("two", "succeeded", {"text": "b a"}, {"text": "b a"}),
    ]


def test_a_key_names_run_step_and_group(finish, recorder):
    run = finish(action("one", text="a"))
    assert recorder.keys == [f"stripeflow:{run.pk}:one:1"]


def test_a_finished_run_is_not_to_be_had_again(finish, recorder):
    run = finish(action("one", text="a"))
    assert execute(run.pk) is None
    assert len(recorder.calls) == 1


def test_an_unknown_run_is_not_to_be_had(db):
    assert execute(UUID(int=0)) is None


@pytest.mark.parametrize(
    ("amount", "taken", "texts"), [(200_001, "large", ["vip"]), (200_000, "otherwise", ["no"])]
)
def test_takes_the_first_branch_whose_conditions_are_met(finish, recorder, amount, taken, texts):
    choose = branch(
        "choose", way("large", LARGE, action("vip", text="vip")), otherwise=(action("no", text="no"),)
    )
    run = finish(choose, obj=payment(amount))
    assert step(run, "choose").branch_key == taken
    assert recorder.texts == texts


def test_records_what_each_condition_of_a_branch_saw(finish):
    run = finish(branch("choose", way("large", LARGE)), obj=payment(100))
    first, last = step(run, "choose").explanation
    assert (first["branch"], first["evaluation"]["truth"]) == ("large", "not_met")
    assert (last["branch"], last["evaluation"]) == ("otherwise", None)


def test_goes_on_after_a_branch(finish, recorder):
    finish(branch("choose", way("large", LARGE, action("vip", text="vip"))), action("after", text="after"))
    assert recorder.texts == ["after"]


def test_a_permanent_error_ends_the_run_and_keeps_what_went_before(finish, recorder):
    recorder.then(dict, errors.PermanentError("The card is gone.", code="gone"))
    run = finish(
        action("one", text="a"), {**action("two", text="b"), "name": "Second"}, action("three", text="c")
    )
    assert recorder.texts == ["a", "b"]
    assert run.status == RunStatus.FAILED
    assert (run.error["code"], run.error["step"], run.error["step_name"]) == ("gone", "two", "Second")
    assert step(run, "one").outputs == {"text": "a"}
    assert step(run, "two").error["message"] == "The card is gone."


def test_a_step_may_fail_without_stopping_the_run(finish, recorder):
    recorder.then(errors.PermanentError("No."))
    run = finish({**action("one", text="a"), "on_error": "continue"}, action("two", text="b"))
    assert recorder.texts == ["a", "b"]
    assert run.status == RunStatus.SUCCEEDED
    assert step(run, "one").status == StepStatus.FAILED


def test_a_missing_value_fails_the_step_with_its_name_and_its_path(finish, recorder):
    run = finish(action("one", text="a {{ trigger.metadata.nothing }}"))
    assert recorder.calls == []
    assert run.status == RunStatus.FAILED
    assert run.error["step"] == "one"
    assert run.error["details"] == {"field": "text", "path": "trigger.metadata.nothing"}
    assert run.error["message"] == (
        "Text: There is no value at “Payment intent › Metadata › nothing”: “Payment intent › Metadata” has "
        "no “nothing”."
    )


def test_a_filter_that_cannot_work_is_reported_by_the_name_of_the_value(finish, recorder):
    run = finish(action("one", text="{{ trigger.made_up | upper }}"), obj=payment(made_up=5))
    assert run.error["message"].startswith("Text: “Payment intent › Made up” cannot be filled in. ")


def test_an_action_that_is_no_longer_installed_fails_with_that_reason(start, recorder):
    import stripeflow.actions.registry

    run = start(action("one", text="a"))
    removed = stripeflow.actions.registry._actions.pop("test.record")
    try:
        execute(run.pk)
    finally:
        stripeflow.actions.registry._actions["test.record"] = removed
    run.refresh_from_db()
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "action_not_installed")


def test_a_transient_error_waits_and_is_tried_again_with_the_same_key(start, recorder):
    recorder.then(errors.TransientError("Busy.", retry_after=30.0))
    run = start(action("one", text="a"))
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.WAITING
    assert timedelta(seconds=25) < run.due_at - timezone.now() <= timedelta(seconds=30)
    assert execute(run.pk) is None

    due_now(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(set(recorder.keys)) == 1
    assert step(run, "one").attempts == 2


def test_a_repeat_sends_the_recorded_inputs_whatever_changed_since(start, recorder):
    recorder.then(errors.TransientError("Busy."))
    run = start(action("one", text="{{ trigger.amount }}"))
    execute(run.pk)
    rewrite(run.event, amount=1)
    due_now(run)
    execute(run.pk)
    assert recorder.texts[0] == recorder.texts[1]


def test_gives_up_after_the_last_attempt(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 2}
    recorder.then(errors.TransientError("Busy."), errors.TransientError("Busy."))
    run = start(action("one", text="a"))
    execute(run.pk)
    due_now(run)
    assert execute(run.pk) is RunStatus.FAILED
    assert step(run, "one").status == StepStatus.FAILED


def test_a_keyed_call_without_an_answer_is_repeated_and_never_called_failed(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 2}
    recorder.then(errors.UnknownOutcome("Timeout."), errors.TransientError("Busy."))
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.WAITING
    due_now(run)
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    assert step(run, "one").status == StepStatus.OUTCOME_UNKNOWN


def test_a_read_without_an_answer_ends_as_failed(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 1}
    recorder.then(errors.UnknownOutcome("Timeout."))
    run = start(action("one", "test.safe", text="a"))
    assert execute(run.pk) is RunStatus.FAILED


def test_an_ask_step_without_an_answer_is_never_repeated(finish, recorder):
    recorder.then(errors.UnknownOutcome("Timeout."))
    run = finish(action("one", "test.ask", text="a"))
    assert run.status == RunStatus.OUTCOME_UNKNOWN
    assert execute(run.pk) is None
    assert len(recorder.calls) == 1


def test_an_ask_step_that_did_nothing_is_tried_again(start, recorder):
    recorder.then(errors.TransientError("Connection refused."))
    run = start(action("one", "test.ask", text="a"))
    assert execute(run.pk) is RunStatus.WAITING
    due_now(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED


@pytest.mark.parametrize(
    ("key", "status", "calls"),
    [
        ("test.record", RunStatus.SUCCEEDED, 2),
        ("test.safe", RunStatus.SUCCEEDED, 2),
        ("test.ask", RunStatus.OUTCOME_UNKNOWN, 1),
    ],
)
def test_a_worker_that_dies_before_the_outcome_is_written(start, recorder, monkeypatch, key, status, calls):
    run = start(action("one", key, text="a"))
    crash(run, monkeypatch)
    assert execute(run.pk) is status
    assert len(recorder.calls) == calls
    assert len(set(recorder.keys)) == 1


def test_a_call_whose_key_stripe_may_have_forgotten_is_not_repeated(start, recorder, monkeypatch):
    run = start(action("one", text="a"))
    crash(run, monkeypatch)
    StepRun.objects.filter(run=run).update(started_at=timezone.now() - timedelta(hours=24))
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    assert step(run, "one").error["code"] == "key_expired"
    assert len(recorder.calls) == 1


def test_recorded_steps_and_branches_are_used_and_not_made_again(start, recorder, monkeypatch):
    run = start(
        action("one", text="a"),
        branch("choose", way("large", LARGE), otherwise=(action("two", text="b"),)),
        obj=payment(100),
    )
    recorder.then(dict, errors.TransientError("Busy."))
    execute(run.pk)
    rewrite(run.event, amount=10**9)
    due_now(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "b", "b"]


def test_a_worker_that_lost_its_lease_writes_nothing_more(start, recorder):
    run = start(action("one", text="a"), action("two", text="b"))

    def taken_over():
        expire(run)
        assert claim_run(run.pk, now=timezone.now()) is not None
        return {}

    recorder.then(taken_over)
    assert execute(run.pk) is RunStatus.RUNNING
    run.refresh_from_db()
    assert run.status == RunStatus.RUNNING
    assert recorder.texts == ["a"]


def test_a_canceled_run_does_not_go_on(start, recorder):
    run = start(action("one", text="a"), action("two", text="b"))
    recorder.then(lambda: {"canceled": transitions.cancel(run.pk, now=timezone.now())})
    execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.CANCELED
    assert recorder.texts == ["a"]
    assert step(run, "one").outputs == {"text": "a", "canceled": True}


def test_only_one_of_two_claims_lands(start):
    run = start(action("one", text="a"))
    now = timezone.now()
    assert claim_run(run.pk, now=now) is not None
    assert claim_run(run.pk, now=now) is None


def test_a_second_intent_for_the_same_step_is_refused(start):
    run = start(action("one", text="a"))
    claim = claim_run(run.pk, now=timezone.now())
    values = {"path": "one", "step_key": "one", "kind": "action", "started_at": timezone.now()}
    transitions.start_step(claim, StepRun.of(run, **values), now=timezone.now())
    with pytest.raises(LostLease):
        transitions.start_step(claim, StepRun.of(run, **values), now=timezone.now())


def test_an_action_that_breaks_off_ends_in_the_history(finish, recorder):
    recorder.then(ZeroDivisionError())
    run = finish(action("one", "test.safe", text="a"))
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "action_crashed")


def test_nul_in_an_output_is_stored_harmlessly(finish, recorder):
    recorder.then(lambda: {"text": "a\0b"})
    run = finish(action("one", text="x"))
    assert step(run, "one").outputs == {"text": "a\ufffdb"}


def test_edits_and_a_deactivation_do_not_touch_a_run_that_waits(start, recorder):
    recorder.then(errors.TransientError("Busy."))
    run = start(action("one", text="old"), action("two", text="old two"))
    execute(run.pk)
    workflow = run.workflow
    workflow.refresh_from_db()
    changed = {**run.version.document, "steps": [action("one", text="new")]}
    editing.update(workflow, changed, revision=workflow.revision)
    lifecycle.activate(workflow)
    lifecycle.deactivate(workflow)
    due_now(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["old", "old", "old two"]


def test_a_call_that_we_hold_back_ourselves_never_counts_as_an_attempt(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_ATTEMPTS": 2}
    recorder.then(*(errors.Throttled("Wait.", retry_after=1.0) for _ in range(5)))
    run = start(action("one", text="a"))
    for _ in range(5):
        assert execute(run.pk) is RunStatus.WAITING
        due_now(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert step(run, "one").attempts == 1


@pytest.mark.parametrize(
    ("key", "status"), [("test.safe", RunStatus.FAILED), ("test.record", RunStatus.OUTCOME_UNKNOWN)]
)
def test_a_step_that_kills_its_worker_is_tried_three_times(start, recorder, monkeypatch, key, status):
    run = start(action("one", key, text="a"))
    for _ in range(3):
        crash(run, monkeypatch)
    assert execute(run.pk) is status
    assert len(recorder.calls) == 3


def test_a_long_run_makes_room_between_two_steps(start, recorder, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RUN_SECONDS": -1}
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.WAITING
    assert recorder.calls == []
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RUN_SECONDS": 45}
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_worker_that_is_to_end_begins_no_further_step(start, recorder, monkeypatch):
    run = start(action("one", text="a"), action("two", text="b"))

    def end_worker():
        monkeypatch.setattr(termination, "_is_asked", True)
        return {}

    recorder.then(end_worker)
    assert execute(run.pk) is RunStatus.WAITING
    assert len(recorder.calls) == 1
    monkeypatch.setattr(termination, "_is_asked", False)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 2


def test_a_lease_from_before_the_clock_was_set_back_is_not_waited_for(start, recorder, monkeypatch):
    run = start(action("one", text="a"))
    crash(run, monkeypatch)
    type(run).objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() + timedelta(days=1))
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_run_that_takes_long_tells_that_its_worker_is_alive(finish, monkeypatch):
    signed = []
    monkeypatch.setattr("stripeflow.workflows.liveness.heartbeat.sign", lambda: signed.append(True))
    finish(action("one"), action("two"))
    assert signed == []
    monkeypatch.setattr("stripeflow.workflows.liveness.heartbeat.SIGN_SECONDS", -1.0)
    finish(action("one"), action("two"))
    assert signed == [True, True]
