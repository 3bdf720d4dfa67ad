"""The step that waits for a time."""

from datetime import timedelta

import pytest

from stripeflow.actions.errors import PermanentError
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.maintenance import retention
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker.due import notify_due
from tests.workflows.blocks.fake import each
from tests.workflows.blocks.waits.conftest import START
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

STEPS = (action("before", text="a"), wait(), action("after", text="{{ steps.wait.until }}"))
DUE = START + timedelta(days=3)


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def step_of(run):
    return run.steps.get(path="wait")


def test_it_goes_on_once_its_time_is_over(start, at_work, clock, recorder):
    run = at_work(start(*STEPS))
    assert (run.status, run.due_at, step_of(run).due_at) == (RunStatus.WAITING, DUE, DUE)
    clock.go(days=3, seconds=-1)
    assert at_work(run).status == RunStatus.WAITING
    clock.go(seconds=1)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["a", str(int(DUE.timestamp()))]


@pytest.mark.parametrize(
    ("amount", "unit", "span"),
    [
        (90, "minutes", timedelta(minutes=90)),
        (24, "hours", timedelta(days=1)),
        (2, "weeks", timedelta(days=14)),
        (400, "days", timedelta(days=400)),
    ],
)
def test_it_counts_exactly(start, at_work, amount, unit, span):
    assert at_work(start(wait(amount=amount, unit=unit))).due_at == START + span


def test_the_sweep_wakes_it_after_400_days(start, at_work, clock, queue):
    run = at_work(start(wait(amount=400), action("after", text="a")))
    clock.go(days=400, seconds=-1)
    assert notify_due() == 0
    clock.go(seconds=1)
    assert notify_due() == 1
    assert at_work(run).status == RunStatus.SUCCEEDED


def test_edits_and_deactivation_leave_it_alone(start, at_work, clock, recorder):
    run = at_work(start(*STEPS))
    workflow = run.workflow
    workflow.steps.exclude(key="before").delete()
    lifecycle.activate(workflow)
    lifecycle.deactivate(workflow)
    lifecycle.archive(workflow)
    clock.go(days=3)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert len(recorder.texts) == 2


def test_its_row_and_its_event_are_kept_while_it_waits(start, at_work, clock, recorder):
    run = at_work(start(*STEPS, action("last", text="{{ trigger.id }}")))
    clock.go(days=399)
    assert retention.prune(timedelta(days=30)) == retention.Pruned(0, 0)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts[2] == run.object_id


def test_a_worker_that_dies_costs_it_nothing(start, at_work, clock, recorder):
    def die():
        raise KeyboardInterrupt

    run = at_work(start(*STEPS))
    clock.go(days=3)
    recorder.then(die)
    with pytest.raises(KeyboardInterrupt):
        at_work(run)
    clock.go(minutes=2)
    assert at_work(run).steps.filter(path="wait").count() == 1
    assert step_of(run).due_at == DUE


def test_a_held_run_waits_on_until_the_time_that_it_had(start, at_work, clock):
    run = at_work(start(*STEPS))
    Run.objects.filter(pk=run.pk).update(status=RunStatus.HELD, held_reason=HeldReason.OBJECT, due_at=None)
    clock.go(days=2)
    on_runs.release(run, NOBODY)
    run = at_work(run)
    assert (run.status, run.due_at) == (RunStatus.WAITING, DUE)


def test_a_paused_workflow_keeps_it_before_its_next_action(start, at_work, clock, recorder):
    run = at_work(start(*STEPS))
    pausing.pause(run.workflow_id, "To look at it.")
    clock.go(days=3)
    assert at_work(run).status == RunStatus.HELD
    assert recorder.texts == ["a"]
    pausing.resume(run.workflow_id)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert step_of(run).due_at == DUE


def test_each_item_waits_in_its_turn(start, at_work, clock, recorder):
    run = at_work(start(each("loop", wait("wait", 1, "hours"), action("tell", text="a"))))
    assert list(run.steps.values_list("path", "due_at"))[-1] == ("loop/0/wait", START + timedelta(hours=1))
    clock.go(hours=1)
    run = at_work(run)
    assert recorder.texts == ["a"]
    assert run.due_at == run.steps.get(path="loop/1/wait").due_at == START + timedelta(hours=2)
    clock.go(hours=1)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "a"]


def test_one_that_is_canceled_does_not_go_on(start, at_work, clock, recorder):
    run = at_work(start(*STEPS))
    on_runs.cancel(run, NOBODY)
    clock.go(days=3)
    assert notify_due() == 0
    assert at_work(run).status == RunStatus.CANCELED
    assert recorder.texts == ["a"]


def test_a_retry_of_a_later_step_does_not_wait_again(start, at_work, clock, recorder):
    run = at_work(start(*STEPS))
    clock.go(days=3)
    recorder.then(PermanentError("No."))
    failed = at_work(run)
    assert failed.status == RunStatus.FAILED
    on_runs.retry(failed, NOBODY)
    assert at_work(run).status == RunStatus.SUCCEEDED


def test_a_number_that_is_too_large_fails_the_run_with_a_sentence(start, at_work):
    run = at_work(start(wait(amount="{{ trigger.amount }}", unit="weeks")))
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "wait_too_long")
    assert run.error["message"] == "A run may wait for at most 400 days at a step."


@pytest.mark.parametrize(("amount", "unit"), [(401, "days"), (58, "weeks"), (10**17, "weeks")])
def test_one_that_is_too_long_cannot_be_activated(amount, unit):
    [problem] = validate(document(wait(amount=amount, unit=unit))).problems.errors
    assert (problem.code, problem.field) == ("wait_too_long", "amount")


@pytest.mark.parametrize(
    ("inputs", "field"),
    [({"unit": "days"}, "amount"), ({"amount": 0, "unit": "days"}, "amount"), ({"amount": 1}, "unit")],
)
def test_what_is_missing_is_named(inputs, field):
    [problem] = validate(document({**wait(), "inputs": inputs})).problems.errors
    assert problem.field == field


@pytest.mark.parametrize(
    ("step", "title"),
    [
        (wait(), "Wait 3 days"),
        (wait(amount=1, unit="hours"), "Wait 1 hour"),
        (wait(amount="{{ trigger.amount }}"), "Wait"),
        ({**wait(), "name": "Patience"}, "Patience"),
    ],
)
def test_its_title_says_how_long(step, title):
    assert step_title(step) == title


def test_a_dry_run_says_when_it_would_go_on(clock):
    trial = rehearse_sample(script_of(lifecycle.create(document(*STEPS, wait("again", 2, "hours")))))
    _before, first, after, second = trial.found.steps
    assert (first.state, first.goes_on_at) == ("would_run", DUE)
    assert after.inputs["text"] == int(DUE.timestamp())
    assert second.goes_on_at == DUE + timedelta(hours=2)
