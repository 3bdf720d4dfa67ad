import time
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers.models import Event
from stripeflow.workflows.matching import starting, why
from stripeflow.workflows.models import Activation, Run, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))


def active(conditions=LARGE, **options):
    workflow = lifecycle.create(document(action("one", text="a"), conditions=conditions, **options))
    lifecycle.activate(workflow)
    return workflow


def reasons(event):
    return [verdict.reason for verdict in why.explain(event)]


def test_conditions_that_a_first_look_rules_out_are_not_evaluated(monkeypatch):
    active()
    monkeypatch.setattr("stripeflow.workflows.conditions.evaluate", lambda *_, **__: 1 / 0)
    accept(payment(100_000))
    assert not Run.objects.exists()


@pytest.mark.parametrize(
    ("obj", "runs"),
    [
        (payment(100_000), 0),
        (payment(100_001), 1),
        (payment(200_001), 1),
        (payment(500_000, "eur"), 0),
        (payment(5_000, "jpy"), 0),
        (payment(500_000, "jpy"), 0),
    ],
    ids=lambda value: f"{value['currency']}-{value['amount']}" if isinstance(value, dict) else None,
)
def test_starts_a_run_only_if_the_conditions_are_met(queue, obj, runs):
    active()
    accept(obj)
    assert Run.objects.count() == runs


def test_notifies_of_each_run_once_after_the_commit(queue, django_capture_on_commit_callbacks):
    active()
    with django_capture_on_commit_callbacks(execute=True):
        accept(payment())
        assert queue.messages == []
    assert queue.of(EXECUTE) == [(str(Run.objects.get().pk),)]


def test_a_run_remembers_why_it_started(queue):
    active()
    run = Run.objects.get(event=accept(payment(150_000)))
    assert run.explanation["truth"] == "met"
    assert run.object_id == "pi_test"


def test_without_conditions_every_event_of_the_type_matches(queue):
    active(conditions=group())
    accept(payment(1))
    accept(payment(1), type="payment_intent.canceled")
    assert Run.objects.count() == 1


def test_a_missing_field_is_unknown_and_not_taken(queue):
    active()
    obj = payment()
    del obj["amount"]
    event = accept(obj)
    assert not Run.objects.exists()
    assert event.matched_at is not None
    (verdict,) = why.explain(event)
    assert verdict.reason == "unknown"
    assert verdict.evaluation.truth.name == "UNKNOWN"


@pytest.mark.parametrize("change", ["inactive", "never"])
def test_an_event_for_no_active_workflow_is_kept_and_starts_nothing(queue, change):
    if change == "inactive":
        workflow = active()
        # An interval ends exactly, and Stripe's clock has whole seconds: the event is of the next one.
        lifecycle.deactivate(workflow)
    event = accept(payment(), created=time.time() + 1)
    assert event.matched_at is not None
    assert not Run.objects.exists()


def test_an_event_created_before_the_activation_starts_nothing(queue):
    active()
    event = accept(payment(), created=time.time() - 60)
    assert not Run.objects.exists()
    assert reasons(event) == ["before_activation"]


def test_an_event_of_a_pause_between_activations_is_not_called_older_than_them(queue):
    workflow = active()
    Activation.objects.update(started_at=workflow.created_at.replace(year=2020))
    lifecycle.deactivate(workflow)
    Activation.objects.update(ended_at=workflow.created_at.replace(year=2021))
    lifecycle.activate(workflow)
    assert reasons(accept(payment(), created=time.time() - 60)) == ["not_active_then"]


@pytest.mark.parametrize(
    ("matched", "reason"), [(0.2, "same_second"), (-3.0, "same_second"), (1.0, "not_met"), (5.0, "not_met")]
)
def test_an_event_that_was_faster_than_the_activation_of_its_second_is_reported(queue, matched, reason):
    event = accept(payment())
    active()
    Activation.objects.update(started_at=event.created)
    event.matched_at = event.created + timedelta(seconds=matched)
    assert reasons(event) == [reason]


def test_an_event_created_while_active_starts_its_run_although_it_arrives_later(queue):
    workflow = active()
    Activation.objects.update(started_at=workflow.created_at.replace(year=2020))
    lifecycle.deactivate(workflow)
    event = accept(payment(), created=time.time() - 60)
    assert reasons(event) == ["started"]


def test_of_two_versions_within_one_second_the_later_one_runs(queue):
    workflow = active()
    second = lifecycle.activate(workflow)
    Activation.objects.update(started_at=second.created_at.replace(microsecond=0))
    accept(payment(), created=int(second.created_at.timestamp()))
    assert Run.objects.get().version == second


def test_each_matching_workflow_gets_its_run(queue):
    active(name="First")
    active(name="Second")
    active(name="Other", conditions=group(compare("trigger.currency", "equal", "eur")))
    event = accept(payment())
    assert [run.workflow.name for run in Run.objects.order_by("workflow_id")] == ["First", "Second"]
    assert reasons(event) == ["started", "started", "not_met"]


def test_a_defect_in_one_workflow_does_not_keep_the_others_from_starting(queue, monkeypatch):
    broken, sound = active(name="Broken"), active(name="Sound")
    evaluate = starting.evaluate_trigger

    def fail_for_the_first(plan, event):
        if plan is starting.plans_of([broken.active_version_id])[broken.active_version_id]:
            raise ZeroDivisionError
        return evaluate(plan, event)

    monkeypatch.setattr(starting, "evaluate_trigger", fail_for_the_first)
    event = accept(payment())
    assert event.matched_at is not None
    failed, queued = Run.objects.order_by("workflow_id")
    assert (failed.workflow, failed.status, failed.error["code"]) == (broken, "failed", "conditions_crashed")
    assert (queued.workflow, queued.status) == (sound, "queued")


def test_events_for_a_paused_workflow_make_held_runs(queue, django_capture_on_commit_callbacks):
    workflow = active()
    Workflow.objects.filter(pk=workflow.pk).update(paused_at=workflow.created_at)
    with django_capture_on_commit_callbacks(execute=True):
        accept(payment())
    assert Run.objects.get().status == RunStatus.HELD
    assert queue.messages == []


def queries_with(count):
    for number in range(count):
        active(name=f"Other {number}", conditions=group(compare("trigger.currency", "equal", "eur")))
    accept(payment())
    with CaptureQueriesContext(connection) as captured:
        accept(payment())
    return len(captured)


def test_workflows_that_do_not_match_cost_no_queries(queue):
    assert queries_with(1) == queries_with(10)


def test_a_queue_that_is_down_does_not_turn_a_stored_event_into_an_error(
    queue, django_capture_on_commit_callbacks
):
    queue.error = ZeroDivisionError()
    active()
    with django_capture_on_commit_callbacks(execute=True):
        accept(payment())
    assert Run.objects.get().status == RunStatus.QUEUED


COLUMNS = ("id", "workflow_id", "version_id", "status", "held_reason", "object_id", "depth", "explanation")


def told(runs):
    return [[getattr(run, column) for column in COLUMNS] for run in runs]


def unstored(event):
    return Event(
        **{
            field.attname: getattr(event, field.attname)
            for field in Event._meta.fields
            if not field.primary_key
        }
    )


def test_what_is_decided_before_the_event_is_stored_is_what_its_matching_starts(queue):
    active(name="First")
    active(name="Other", conditions=group(compare("trigger.currency", "equal", "eur")))
    active(name="Every", conditions=group())
    event = accept(payment())
    (runs,) = starting.decide([unstored(event)]).rows
    assert told(runs) == told(Run.objects.order_by("workflow_id"))
    assert [run.rung_at is None for run in runs] == [False, False]


def test_nothing_is_written_before_the_event_is_stored(queue, django_capture_on_commit_callbacks):
    workflow = active()
    event = unstored(accept(payment(1)))
    event.payload["data"]["object"]["amount"] = 500_000
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        decided = starting.decide([event])
    (runs,) = decided.rows
    assert (Run.objects.count(), callbacks, queue.messages) == (0, [], [])
    with django_capture_on_commit_callbacks(execute=True):
        decided.notify(runs)
    assert queue.of(EXECUTE) == [(str(run.pk),) for run in runs]
    assert [run.workflow_id for run in runs] == [workflow.pk]


def test_nothing_is_decided_for_an_event_of_ours(queue):
    active()
    event = unstored(accept(payment()))
    event.source = "schedule"
    assert starting.decide([event]).rows == [[]]


@pytest.mark.parametrize("limit", ["MAX_RUNS_PER_MINUTE", "MAX_RUNS_PER_OBJECT_HOUR"])
def test_a_decision_asks_for_the_limits_once_it_is_written(queue, settings, limit):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, limit: 2}
    workflow = active()
    event = unstored(accept(payment()))
    (query,) = starting.decide([event]).unless
    assert query.statement.rows(**query.values) == []
    accept(payment())
    assert len(query.statement.rows(**query.values)) == 1
    workflow.refresh_from_db()
    assert workflow.paused_at is None


def test_a_run_of_a_paused_workflow_is_not_decided_before(queue):
    workflow = active()
    event = unstored(accept(payment()))
    Workflow.objects.filter(pk=workflow.pk).update(paused_at=workflow.created_at)
    assert starting.decide([event]).rows == [None]


def test_a_run_that_fails_at_once_is_not_decided_before(queue, monkeypatch):
    active()
    event = unstored(accept(payment()))
    monkeypatch.setattr(starting, "evaluate_trigger", lambda *_: 1 / 0)
    assert starting.decide([event]).rows == [None]
