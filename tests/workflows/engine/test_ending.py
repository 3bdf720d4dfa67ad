"""Workflows that start on the end of another one's runs."""

import pytest
from django.db import DatabaseError

from stripeflow.actions import errors
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.engine import ending, giving_up
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.matching import starting, why
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import EVERYTHING, action, compare, document, group
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

EVERY_END = ["succeeded", "failed", "outcome_unknown", "canceled"]


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    pass


def listener(*of, ends=EVERY_END, name="Listener", text="{{ trigger.workflow }}", **trigger):
    """An active workflow that starts on these ends, of the workflows `of` or of any."""
    made = document(action("told", text=text), name=name)
    chosen = {"of_workflows": [{"id": one.pk, "name": one.name} for one in of]} if of else {}
    made["trigger"] = {
        "type": "workflow_finished",
        "scope": EVERYTHING,
        "ends_as": ends,
        "conditions": group(),
        **chosen,
        **trigger,
    }
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow


@pytest.fixture
def first():
    workflow = lifecycle.create(document(action("one", text="a"), name="First"))
    lifecycle.activate(workflow)
    return workflow


def run_of(workflow):
    """A run of the workflow on a new event."""
    return Run.objects.get(event=accept(payment()), workflow=workflow)


def ended(workflow):
    run = run_of(workflow)
    execute(run.pk)
    run.refresh_from_db()
    return run


def started(workflow):
    return Run.objects.filter(workflow=workflow)


@pytest.mark.parametrize("is_chosen", [True, False])
def test_the_end_of_a_run_starts_who_listens(first, recorder, is_chosen):
    other = listener(*([first] if is_chosen else []))
    run = ended(first)
    told = started(other).get()
    execute(told.pk)
    assert recorder.texts == ["a", "First"]
    held = told.event.object
    assert (held["run"], held["status"], held["workflow_id"]) == (str(run.pk), "succeeded", first.pk)
    assert (told.depth, told.object_id) == (1, run.object_id)
    assert set(held) == {field.name for field in _known().fields}


def _known():
    from stripeflow.workflows.definition.finished.trigger import WorkflowFinished

    return WorkflowFinished().known({})


def test_a_failure_says_what_happened(first, recorder):
    other = listener(first, ends=["failed"], text="{{ trigger.failed_step }}: {{ trigger.error_message }}")
    ended(first)
    recorder.then(errors.PermanentError("No.", code="refused"))
    run = ended(first)
    told = started(other).get()
    execute(told.pk)
    assert recorder.texts[-1].endswith(": No.")
    assert (told.event.object["error_code"], run.state) == ("refused", RunStatus.FAILED)


def test_a_retry_that_ends_again_is_a_new_end(first, recorder):
    other = listener(first, ends=["failed"])
    recorder.then(errors.PermanentError("No."), errors.PermanentError("No."))
    run = ended(first)
    on_runs.retry(run, NOBODY)
    execute(run.pk)
    assert started(other).count() == 2


def test_a_run_that_is_retried_and_then_canceled_has_both_ends(first, recorder):
    other = listener(first)
    recorder.then(errors.PermanentError("No."))
    run = ended(first)
    on_runs.retry(run, NOBODY)
    on_runs.cancel(run, NOBODY)
    assert sorted(one.event.object["status"] for one in started(other)) == ["canceled", "failed"]


def test_an_unknown_outcome_is_told(start, recorder):
    run = start(action("one", "test.ask", text="a"))
    other = listener(run.workflow, ends=["outcome_unknown"])
    recorder.then(errors.UnknownOutcome("Lost."))
    execute(run.pk)
    assert started(other).get().event.object["status"] == "outcome_unknown"


def test_a_run_whose_conditions_crash_is_told(first, monkeypatch):
    other = listener(first, ends=["failed"])

    def crash(plan, event):
        if event.source == "stripe":
            raise ValueError
        return

    monkeypatch.setattr(starting, "evaluate_trigger", crash)
    run_of(first)
    assert started(other).get().event.object["error_code"] == "conditions_crashed"


def test_a_run_that_ends_its_workers_is_told(first, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_CLAIMS_WITHOUT_PROGRESS": 1}
    other = listener(first, ends=["failed"])
    run = run_of(first)
    Run.objects.filter(pk=run.pk).update(
        status="running", token=run.pk, idle_claims=1, lease_expires_at=run.created_at.replace(year=2020)
    )
    assert giving_up.give_up_exhausted() == 1
    assert started(other).get().event.object["error_code"] == "workers_lost"


def test_nothing_is_stored_where_nobody_listens(first):
    listener(first, ends=["failed"])
    ended(first)
    assert not Event.objects.filter(source="workflow").exists()


def test_a_workflow_of_another_name_is_not_heard(first):
    second = lifecycle.create(document(action("one", text="a"), name="Second"))
    lifecycle.activate(second)
    other = listener(second)
    ended(first)
    assert not started(other).exists()


def test_each_listener_hears_of_it_once(first):
    chosen, both = listener(first, name="Chosen"), listener(first, name="Also")
    anybody = listener(name="Any", ends=["succeeded"])
    run = ended(first)
    assert [started(one).count() for one in (chosen, both, anybody)] == [1, 1, 1]
    assert Event.objects.filter(source="workflow", object_id=run.object_id).count() == 2


def test_a_listener_that_is_deactivated_hears_no_more(first):
    other = listener(first)
    lifecycle.deactivate(other)
    ended(first)
    assert not Event.objects.filter(source="workflow").exists()


def test_its_own_end_never_starts_a_workflow():
    other = listener()
    made = lifecycle.create(document(action("one", text="a"), name="First"))
    lifecycle.activate(made)
    ended(made)
    run = started(other).get()
    execute(run.pk)
    assert started(other).count() == 1
    (event,) = Event.objects.filter(source="workflow").exclude(pk=run.event_id)
    reasons = {one.workflow.pk: one.reason for one in why.explain(event)}
    assert reasons[other.pk] == "own_call"


def test_a_chain_of_two_ends_at_the_depth(settings, first):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_CAUSE_DEPTH": 5}
    listener(name="Ping")
    listener(name="Pong")
    ended(first)
    while queued := Run.objects.filter(status="queued").first():
        execute(queued.pk)
    assert Run.objects.order_by("-depth").first().depth == 5


def test_what_moves_money_starts_only_where_somebody_chose_the_workflow(first, money):
    def paying(*of, **trigger):
        workflow = listener(*of, name="Pays", **trigger)
        lifecycle.deactivate(workflow)
        workflow.steps.update(action="test.money")
        workflow.refresh_from_db()
        lifecycle.activate(workflow)
        return workflow

    by_name, by_any, by_choice = paying(first), paying(), paying(caused_events="start")
    ended(first)
    assert [started(one).count() for one in (by_name, by_any, by_choice)] == [1, 0, 1]


def test_conditions_see_the_end(first):
    slow = group(compare("trigger.duration_seconds", "greater_than", 60))
    other = listener(first, conditions=slow)
    ended(first)
    assert not started(other).exists()


def test_an_event_that_cannot_be_made_does_not_undo_the_end(first, monkeypatch, caplog):
    listener(first)
    monkeypatch.setattr(ending, "_held", lambda run: 1 / 0)
    assert ended(first).state is RunStatus.SUCCEEDED
    assert "workflows.run.end_not_told" in caplog.text


def test_an_end_that_cannot_be_told_for_lack_of_a_database_is_not_made(first, monkeypatch):
    listener(first)
    run = run_of(first)

    def broken(*_given):
        raise DatabaseError

    with monkeypatch.context() as patch:
        patch.setattr(ending.inbox, "accept", broken)
        with pytest.raises(DatabaseError):
            execute(run.pk)
    run.refresh_from_db()
    assert run.state is RunStatus.RUNNING
