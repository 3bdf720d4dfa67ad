from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment
from workflows import activation, why
from workflows.engine.execution import execute
from workflows.limits.loops import limits_passed
from workflows.models import AccountPause, Run, StepRun
from workflows.models.run import HeldReason
from workflows.states import RunStatus

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "rings")]


def active(name="First"):
    workflow = activation.create(document(action("one", text="a"), name=name))
    activation.activate(workflow)
    return workflow


def caused_by(run, **fields):
    """An event that the first step of `run` caused by its call to Stripe."""
    key = StepRun.objects.get(run=run, path="one").idempotency_key
    return accept(payment(**fields), request={"id": "req_1", "idempotency_key": key})


def run_of(event, workflow):
    run = Run.objects.filter(event=event, workflow=workflow).first()
    if run is not None:
        execute(run.pk)
        run.refresh_from_db()
    return run


def limit(settings, **values):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, **values}


def test_an_event_that_a_workflow_caused_does_not_start_it_again():
    workflow = active()
    first = run_of(accept(payment()), workflow)
    event = caused_by(first)
    assert run_of(event, workflow) is None
    assert [verdict.reason for verdict in why.explain(event)] == ["own_call"]


def test_an_event_is_recognised_though_its_run_has_not_come_so_far_again():
    workflow = active()
    run = Run.objects.get(event=accept(payment()))
    request = {"id": "req_1", "idempotency_key": f"stripeflow:{run.pk}:one:1"}
    assert run_of(accept(payment(), request=request), workflow) is None


@pytest.mark.parametrize("key", ["stripeflow:", "stripeflow:x:one:1", f"stripeflow:{UUID(int=7)}:one:1"])
def test_a_key_that_names_no_run_of_ours_is_somebody_elses(key):
    workflow = active()
    event = accept(payment(), request={"id": "req_1", "idempotency_key": key})
    assert run_of(event, workflow).depth == 0


def test_an_event_that_a_workflow_caused_starts_others():
    first, second = active(), active("Second")
    event = caused_by(run_of(accept(payment()), first))
    assert run_of(event, second).depth == 1


def test_workflows_that_start_each_other_end_at_the_depth_allowed(settings):
    limit(settings, MAX_CAUSE_DEPTH=3)
    workflows = active(), active("Second")
    run, depths = run_of(accept(payment()), workflows[0]), []
    for turn in range(1, 20):
        following = run_of(caused_by(run), workflows[turn % 2])
        if following is None:
            break
        run = following
        depths.append(run.depth)
    assert depths == [1, 2, 3]


def test_a_key_of_somebody_else_is_no_cause():
    workflow = active()
    event = accept(payment(), request={"id": "req_1", "idempotency_key": "stripeflow:made-up"})
    assert run_of(event, workflow) is not None


def test_further_runs_for_one_object_are_held(settings):
    limit(settings, MAX_RUNS_PER_OBJECT_HOUR=2)
    workflow = active()
    states = [Run.objects.get(event=accept(payment()), workflow=workflow) for _ in range(3)]
    assert [(run.status, run.held_reason) for run in states] == [
        (RunStatus.QUEUED, ""),
        (RunStatus.QUEUED, ""),
        (RunStatus.HELD, HeldReason.OBJECT),
    ]


def test_another_object_and_an_hour_later_are_not_held(settings):
    limit(settings, MAX_RUNS_PER_OBJECT_HOUR=1)
    workflow = active()
    accept(payment())
    assert Run.objects.get(event=accept(payment(id="pi_other")), workflow=workflow).status == "queued"
    Run.objects.update(created_at=timezone.now() - timedelta(hours=2))
    assert Run.objects.get(event=accept(payment()), workflow=workflow).status == "queued"


def test_a_flood_pauses_the_workflow_and_loses_nothing(settings):
    limit(settings, MAX_RUNS_PER_MINUTE=2)
    workflow = active()
    events = [accept(payment(id=f"pi_{number}")) for number in range(4)]
    statuses = [Run.objects.get(event=event, workflow=workflow).status for event in events]
    assert statuses == ["queued", "queued", "held", "held"]
    assert "2 runs within a minute" in AccountPause.objects.get(workflow=workflow).reason


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL goes by how many rows there are.")
def test_each_limit_reads_no_more_runs_than_it_counts():
    """By an index of all that is compared, whatever else a workflow or an account has started."""
    active()
    accept(payment())
    query = limits_passed(Run.objects.get())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {query.sql}", query.filled())
        plan = " ".join(str(row) for row in cursor.fetchall())
    whose = "livemode=? AND account=? AND workflow_id=? AND created_at>?"
    assert "run_by_account (account=? AND livemode=? AND workflow_id=? AND created_at>?)" in plan
    assert f"run_by_object (object_id=? AND {whose})" in plan
