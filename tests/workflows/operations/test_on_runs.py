from dataclasses import replace
from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY, Act, NotPossible
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import AuditEntry, Run, StepRun
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.operations.refusals import Outdated
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment, rewrite
from tests.workflows.waiting_runs import lose_answer

pytestmark = pytest.mark.django_db

PERSON = Act(note="Checked by hand.")


@pytest.fixture
def failed(start, recorder):
    """A run whose second of three steps failed."""
    run = start(action("one", text="a"), action("two", text="b"), action("three", text="c"))
    recorder.then(dict, errors.PermanentError("No."))
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    return run


@pytest.fixture
def unknown(start, recorder):
    """A function that gives a run whose first of two steps ended without an answer."""

    def unknown(action_key="test.ask"):
        run = start(action("one", action_key, text="a"), action("two", text="{{ steps.one.text }}"))
        recorder.then(errors.UnknownOutcome("Timeout."))
        execute(run.pk)
        Run.objects.filter(pk=run.pk).update(status=RunStatus.OUTCOME_UNKNOWN)
        run.steps.update(status="outcome_unknown", may_have_acted=True)
        run.refresh_from_db()
        return run

    return unknown


def kinds(run):
    return [(operation.kind, operation.step, operation.note) for operation in run.operations.all()]


def test_a_retry_goes_on_from_the_failed_step_with_a_new_key(failed, recorder):
    on_runs.retry(failed, PERSON)
    assert execute(failed.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "b", "b", "c"]
    assert recorder.keys[1:3] == [f"stripeflow:{failed.pk}:two:1", f"stripeflow:{failed.pk}:two:2"]
    assert kinds(failed) == [("retry", "two", PERSON.note)]


def test_a_retry_keeps_the_failed_attempt_in_the_history(failed):
    on_runs.retry(failed, PERSON)
    execute(failed.pk)
    statuses = StepRun.objects.filter(run=failed, path="two").values_list("group", "status")
    assert list(statuses) == [(1, "failed"), (2, "succeeded")]


def test_a_retry_makes_inputs_again_that_could_not_be_made(start, recorder):
    run = start(action("one", text="{{ trigger.metadata.note }}"))
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    rewrite(run.event, metadata={"note": "there now"})
    on_runs.retry(run, PERSON)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["there now"]


def test_only_a_failed_run_can_be_retried(failed):
    on_runs.retry(failed, PERSON)
    with pytest.raises(NotPossible):
        on_runs.retry(failed, PERSON)


def test_a_confirmed_step_gives_its_outputs_and_is_not_called(unknown, recorder):
    run = unknown()
    on_runs.confirm(run, PERSON, revision=run.revision, outputs={"text": "told"})
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "told"]


def test_a_denied_step_has_failed(unknown, recorder):
    run = unknown()
    on_runs.deny(run, PERSON, revision=run.revision)
    assert execute(run.pk) is RunStatus.FAILED
    assert recorder.texts == ["a"]


def test_doing_a_keyed_step_again_sends_the_same_key(unknown, recorder):
    run = unknown("test.record")
    on_runs.do_again(run, PERSON, revision=run.revision)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.keys[0] == recorder.keys[1]


@pytest.mark.parametrize(("action_key", "age"), [("test.ask", 0), ("test.record", 24)])
def test_doing_again_what_no_key_protects_opens_the_next_group(unknown, recorder, action_key, age):
    run = unknown(action_key)
    run.steps.update(started_at=timezone.now() - timedelta(hours=age))
    on_runs.do_again(run, PERSON, revision=run.revision)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.keys[:2] == [f"stripeflow:{run.pk}:one:1", f"stripeflow:{run.pk}:one:2"]


@pytest.mark.parametrize("operation", [on_runs.confirm, on_runs.deny, on_runs.do_again])
def test_only_an_unknown_outcome_can_be_resolved(failed, operation):
    with pytest.raises(NotPossible):
        operation(failed, PERSON, revision=failed.revision)


def test_a_second_person_resolves_nothing_twice(unknown):
    run = unknown()
    on_runs.confirm(run, PERSON, revision=run.revision)
    with pytest.raises(NotPossible):
        on_runs.do_again(run, PERSON, revision=run.revision)


@pytest.mark.parametrize("operation", [on_runs.confirm, on_runs.deny, on_runs.do_again])
@pytest.mark.parametrize("action_key", ["test.ask", "test.record"])
def test_an_outcome_that_was_resolved_since_and_is_unknown_once_more_is_another_one(
    unknown, recorder, operation, action_key
):
    run = unknown(action_key)
    seen = run.revision
    on_runs.do_again(run, PERSON, revision=seen)
    execute(run.pk)
    lose_answer(run, "one")
    before = list(run.steps.values())
    with pytest.raises(Outdated, match="has changed since the revision"):
        operation(run, PERSON, revision=seen)
    assert (run.status, run.operations.count()) == (RunStatus.OUTCOME_UNKNOWN, 1)
    assert list(run.steps.values()) == before
    operation(run, PERSON, revision=run.revision)
    assert run.operations.count() == 2


def test_a_step_that_no_worker_could_try_again_is_another_unknown_outcome(unknown, monkeypatch):
    run = unknown("test.record")
    seen = run.revision
    (attempts,) = run.steps.values_list("attempts", flat=True)
    on_runs.do_again(run, PERSON, revision=seen)
    with monkeypatch.context() as patched:
        patched.setattr("stripeflow.actions.registry.find", lambda _key: None)
        execute(run.pk)
    run.refresh_from_db()
    assert run.status == RunStatus.OUTCOME_UNKNOWN
    assert run.steps.get().attempts == attempts
    with pytest.raises(Outdated):
        on_runs.do_again(run, PERSON, revision=seen)


def test_an_unknown_outcome_of_a_later_step_is_another_one(unknown, recorder):
    run = unknown()
    seen = run.revision
    on_runs.confirm(run, PERSON, revision=seen, outputs={"text": "told"})
    recorder.then(errors.UnknownOutcome("Timeout."))
    execute(run.pk)
    lose_answer(run, "two")
    with pytest.raises(Outdated):
        on_runs.deny(run, PERSON, revision=seen)


def test_a_run_that_waits_goes_on_when_it_is_woken(
    start, recorder, queue, django_capture_on_commit_callbacks
):
    run = start(wait(), action("after", text="a"))
    execute(run.pk)
    run.refresh_from_db()
    due = run.due_at
    sent = len(queue.of(EXECUTE))
    with django_capture_on_commit_callbacks(execute=True):
        on_runs.wake(run, PERSON)
    assert queue.of(EXECUTE)[sent:] == [(str(run.pk),)]
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a"]
    assert kinds(run) == [("wake", "wait", PERSON.note)]
    entry = AuditEntry.objects.filter(kind="run.woken").get()
    assert entry.after == {"step": "wait", "until": due.isoformat()}


def test_a_second_click_wakes_nothing_twice(start, recorder):
    run = start(wait())
    execute(run.pk)
    on_runs.wake(on_runs.get(run.pk), PERSON)
    with pytest.raises(NotPossible):
        on_runs.wake(on_runs.get(run.pk), PERSON)
    assert run.operations.count() == 1


def test_only_the_wait_that_the_person_saw_is_ended(start, recorder):
    run = start(wait(), {**wait(), "key": "again", "name": "Cooling off"})
    execute(run.pk)
    seen = replace(PERSON, seen_at=timezone.now())
    on_runs.wake(on_runs.get(run.pk), seen)
    assert execute(run.pk) is RunStatus.WAITING
    before = on_runs.get(run.pk)
    with pytest.raises(Outdated, match="another wait, at “Cooling off”. Nothing was changed"):
        on_runs.wake(on_runs.get(run.pk), seen)
    assert on_runs.get(run.pk).due_at == before.due_at
    assert run.steps.get(step_key="again").due_at == before.due_at
    on_runs.wake(on_runs.get(run.pk), replace(PERSON, seen_at=timezone.now()))
    assert run.operations.count() == 2


def test_a_run_that_does_not_wait_for_a_time_is_not_woken(start, recorder):
    run = start(action("one", text="a"))
    recorder.then(errors.TransientError("Busy."))
    assert execute(run.pk) is RunStatus.WAITING
    run.refresh_from_db()
    with pytest.raises(NotPossible, match="has no wait to end"):
        on_runs.wake(run, PERSON)


def test_a_run_that_a_worker_has_taken_is_not_woken(start):
    run = start(wait())
    execute(run.pk)
    seen = on_runs.get(run.pk)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.RUNNING, due_at=None)
    with pytest.raises(NotPossible):
        on_runs.wake(seen, PERSON)
    assert run.steps.get().due_at == seen.due_at
    assert run.operations.count() == 0


def test_a_held_run_goes_on_when_released(start, recorder):
    run = start(action("one", text="a"))
    Run.objects.filter(pk=run.pk).update(status=RunStatus.HELD)
    assert execute(run.pk) is None
    on_runs.release(run, PERSON)
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_call_that_may_have_acted_is_not_skipped_by_a_cancel(start, recorder):
    recorder.then(errors.UnknownOutcome("Lost."))
    run = start(action("one", text="a"))
    assert execute(run.pk) is RunStatus.WAITING
    on_runs.cancel(on_runs.get(run.pk), NOBODY)
    step = run.steps.get()
    assert (step.status, step.may_have_acted) == ("waiting", True)


def test_a_canceled_run_stays_canceled(start):
    run = start(action("one", text="a"))
    on_runs.cancel(run, PERSON)
    assert execute(run.pk) is None
    for operation in (on_runs.cancel, on_runs.retry, on_runs.release):
        with pytest.raises(NotPossible):
            operation(run, PERSON)


def test_a_restart_runs_everything_again_on_the_same_version(failed, recorder):
    lifecycle.activate(failed.workflow)
    new = on_runs.rerun(failed, PERSON)
    assert (new.rerun_of, new.version, new.event) == (failed, failed.version, failed.event)
    assert execute(new.pk) is RunStatus.SUCCEEDED
    assert recorder.texts[2:] == ["a", "b", "c"]


def test_a_run_can_be_started_again_on_the_newest_version(failed):
    newest = lifecycle.activate(failed.workflow)
    assert on_runs.rerun(failed, PERSON, newest=True).version == newest


def test_without_an_active_version_there_is_no_newest(failed):
    lifecycle.deactivate(failed.workflow)
    with pytest.raises(NotPossible, match="Activate it first"):
        on_runs.rerun(failed, PERSON, newest=True)


def test_an_unfinished_run_is_not_started_again(start):
    with pytest.raises(NotPossible):
        on_runs.rerun(start(action("one", text="a")), PERSON)


@pytest.mark.parametrize(("amount", "possible"), [(200_000, True), (1, False)])
def test_a_run_whose_conditions_could_not_be_judged_is_judged_again(start, monkeypatch, amount, possible):
    from tests.workflows.documents import compare, group, usd

    large = group(compare("trigger.amount", "greater_than", usd(1000)))
    workflow = lifecycle.create(document(action("one", text="a"), conditions=large))
    lifecycle.activate(workflow)
    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.matching.starting.evaluate_trigger", lambda *_: 1 / 0)
        event = accept(payment())
    rewrite(event, amount=amount)
    run = on_runs.get(Run.objects.get(event=event).pk)
    if possible:
        on_runs.retry(run, PERSON)
        assert execute(run.pk) is RunStatus.SUCCEEDED
    else:
        with pytest.raises(NotPossible, match="not met"):
            on_runs.retry(run, PERSON)
