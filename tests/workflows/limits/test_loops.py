import time
from datetime import timedelta
from uuid import UUID

import pytest
from django.db import connection
from django.utils import timezone

from stripeflow.actions.errors import UnknownOutcome
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import switch
from stripeflow.workflows.limits.loops import cause_of, limits_passed
from stripeflow.workflows.matching import why
from stripeflow.workflows.models import AccountPause, Run, StepRun
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]


def active(name="First"):
    workflow = lifecycle.create(document(action("one", text="a"), name=name))
    lifecycle.activate(workflow)
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


@pytest.fixture
def restoring():
    """A backup is being looked through."""
    switch.forget()
    switch.stop_restored(reason="A backup was restored.")
    yield
    switch.start()


def lost(run, step="one"):
    """The envelope of an event by a key of `run` whose step is not there."""
    return {
        "request": {"id": "req_1", "idempotency_key": f"stripeflow:{run.pk}:{step}:1"},
        "livemode": run.livemode,
        "account": run.account,
    }


@pytest.mark.usefixtures("restoring")
def test_an_event_is_recognised_though_its_run_has_not_come_so_far_again():
    workflow = active()
    run = Run.objects.get(event=accept(payment(), account="acct_1"))
    assert run_of(accept(payment(), **lost(run)), workflow) is None


@pytest.mark.usefixtures("restoring")
@pytest.mark.parametrize(
    "forged",
    [{"account": "acct_2"}, {"account": ""}, {"livemode": True}, {"created": 1_700_000_000}],
    ids=str,
)
def test_even_then_a_named_run_of_somebody_else_is_no_cause(forged):
    workflow = active()
    run = Run.objects.get(event=accept(payment(), account="acct_1"))
    event = accept(payment(), **{**lost(run), **forged})
    assert cause_of(event) is None
    assert forged.get("created") or Run.objects.filter(event=event, workflow=workflow).exists()


@pytest.mark.usefixtures("restoring")
def test_even_then_a_step_that_the_version_does_not_have_is_no_cause():
    workflow = active()
    run = Run.objects.get(event=accept(payment()), workflow=workflow)
    assert cause_of(accept(payment(), **lost(run, "made_up"))) is None


@pytest.mark.parametrize("switched_off", [False, True])
def test_a_key_that_only_names_a_run_of_ours_proves_nothing(switched_off):
    workflow = active()
    run = Run.objects.get(event=accept(payment(), account="acct_1"))
    if switched_off:  # by a person, not after a restored backup
        switch.stop()
    assert Run.objects.filter(event=accept(payment(), **lost(run)), workflow=workflow).exists()
    switch.start()


def test_what_was_recognised_after_a_restored_backup_is_so_until_all_goes_on():
    switch.stop_restored(reason="A backup was restored.")
    workflow = active()
    run = Run.objects.get(event=accept(payment()), workflow=workflow)
    event = accept(payment(), **lost(run))
    assert cause_of(event) is not None
    switch.start()
    assert cause_of(event) is None


@pytest.mark.parametrize("acts_as", ["event", "platform"])
@pytest.mark.parametrize(
    ("livemode", "account"), [(False, "acct_1"), (False, ""), (False, "acct_2"), (True, "acct_1")]
)
def test_a_key_of_ours_counts_where_the_step_acts(acts_as, livemode, account):
    workflow = lifecycle.create(document({**action("one", text="a"), "acts_as": acts_as}))
    lifecycle.activate(workflow)
    run = run_of(accept(payment(), account="acct_1"), workflow)
    key = StepRun.objects.get(run=run).idempotency_key
    request = {"id": "req_1", "idempotency_key": key}
    event = accept(payment(), livemode=livemode, account=account, request=request)
    acted = (False, "" if acts_as == "platform" else "acct_1")
    assert (cause_of(event) is not None) is ((livemode, account) == acted)


@pytest.mark.parametrize(("seconds", "is_cause"), [(-3600, False), (0, True), (240, True), (3600, False)])
def test_a_key_of_ours_that_is_used_at_another_time_is_somebody_elses(seconds, is_cause):
    workflow = active()
    run = run_of(accept(payment()), workflow)
    key = StepRun.objects.get(run=run).idempotency_key
    request = {"id": "req_1", "idempotency_key": key}
    event = accept(payment(), created=time.time() + seconds, request=request)
    assert (cause_of(event) is not None) is is_cause


def test_a_step_of_which_nobody_knows_yet_is_a_cause_however_late(start, recorder):
    recorder.then(UnknownOutcome("Timeout."))
    run = start(action("one", text="a"))
    execute(run.pk)
    key = StepRun.objects.get(run=run).idempotency_key
    event = accept(payment(), created=time.time() + 3600, request={"id": "req_1", "idempotency_key": key})
    assert cause_of(event) is not None


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
