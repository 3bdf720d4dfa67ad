from datetime import timedelta
from io import StringIO
from uuid import uuid4

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.actions.errors import PermanentError
from stripeflow.actions.models import CallBudget, MailCount, RecentMail
from stripeflow.actions.wording import worded
from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event, MirrorState
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.maintenance import retention
from stripeflow.workflows.maintenance.retention import Emptied, Pruned, prune
from stripeflow.workflows.matching import why
from stripeflow.workflows.models import AuditEntry, Beat, Edit, KeyUse, LeftOutTime, LoopItem, Run, StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.models.failures import sentence as sentence_of
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.loop.steps import holding, loop
from tests.workflows.documents import action, branch, compare, document, group, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

MONTH = timedelta(days=30)
OF_THE_RUN = ("id", "status", "created_at", "finished_at", "object_id", "error")
OF_THE_STEPS = ("path", "status", "idempotency_key", "branch_key", "started_at")


@pytest.fixture
def old(start):
    """A finished run of a month and a day ago, or in another state."""

    def old(status=None, **options):
        seen = group(compare("trigger.currency", "equal", "usd"))
        steps = [action("one", text="secret"), branch("way", way("yes", seen, action("two", text="b")))]
        run = start(*steps, conditions=seen, **options)
        execute(run.pk)
        if status:
            finished = F("finished_at") if RunStatus(status).is_final else None
            Run.objects.filter(pk=run.pk).update(status=status, finished_at=finished)
        make_older(run)
        run.refresh_from_db()
        return run

    return old


def make_older(run, *, by=MONTH + timedelta(days=1)):
    Run.objects.filter(pk=run.pk).update(
        created_at=F("created_at") - by, started_at=F("started_at") - by, finished_at=F("finished_at") - by
    )
    Event.objects.filter(pk=run.event_id).update(received_at=F("received_at") - by)


def test_empties_what_is_old_and_keeps_the_rows(old):
    run = old()
    before = Run.objects.values(*OF_THE_RUN).get()
    keys = list(StepRun.objects.values_list(*OF_THE_STEPS))
    assert prune(MONTH) == Pruned(runs=1, events=1)
    run.refresh_from_db()
    event = run.event
    assert (event.payload, event.raw_body) == ({}, "")
    assert run.explanation is None
    assert set(run.steps.values_list("inputs", "outputs", "explanation")) == {(None, None, None)}
    assert run.pruned_at is not None
    assert event.pruned_at is not None
    assert Run.objects.values(*OF_THE_RUN).get() == before
    kept = StepRun.objects.values_list(*OF_THE_STEPS)
    assert list(kept) == keys
    assert len(keys) == 3


@pytest.mark.parametrize(
    ("error", "left"),
    [
        (failure("refused", worded("{name} has no order.", name="Jane"), step="one"), "… has no order."),
        ({"code": "older", "message": "Jane has none.", "details": {"name": "Jane"}}, "“older”"),
    ],
    ids=["of today", "older"],
)
def test_errors_lose_their_values(old, error, left):
    run = old(RunStatus.FAILED)
    Run.objects.filter(pk=run.pk).update(error=error)
    StepRun.objects.filter(run=run, path="one").update(error=error)
    prune(MONTH)
    run.refresh_from_db()
    for kept in (run.error, run.steps.get(path="one").error):
        assert kept["code"] == error["code"]
        assert left in sentence_of(kept, payloads=True) == sentence_of(kept, payloads=False)
        assert "Jane" not in str(kept)


def test_a_second_time_finds_nothing(old):
    old()
    prune(MONTH)
    assert prune(MONTH) == Pruned(runs=0, events=0)


def test_what_is_young_stays(old):
    run = old()
    make_older(run, by=-timedelta(days=2))
    assert prune(MONTH) == Pruned(runs=0, events=0)
    assert Event.objects.get().payload["id"] == run.event.external_id


def test_a_run_that_ended_lately_keeps_its_old_event(old):
    run = old()
    Run.objects.filter(pk=run.pk).update(finished_at=timezone.now())
    assert prune(MONTH) == Pruned(runs=0, events=0)


@pytest.mark.parametrize("status", ["queued", "running", "waiting", "held", "outcome_unknown"])
def test_what_is_not_finished_stays_with_its_event(old, status):
    run = old(status)
    assert prune(MONTH) == Pruned(runs=0, events=0)
    assert run.steps.first().inputs == {"text": "secret"}
    assert Event.objects.get().payload


@pytest.mark.parametrize("status", ["succeeded", "failed", "canceled"])
def test_every_way_to_be_finished_counts(old, status):
    old(status)
    assert prune(MONTH) == Pruned(runs=1, events=1)


def test_an_event_stays_while_one_of_its_runs_is_not_finished(old):
    run = old()
    again = on_runs.rerun(run, Act())
    assert prune(MONTH) == Pruned(runs=1, events=0)
    execute(again.pk)
    make_older(again)
    assert prune(MONTH) == Pruned(runs=1, events=1)


def test_events_without_a_run_are_emptied_too(queue):
    accept(payment())
    Event.objects.update(received_at=timezone.now() - timedelta(days=31))
    assert prune(MONTH) == Pruned(runs=0, events=1)


@pytest.mark.parametrize("columns", [{"matched_at": None}, {"mirror_state": MirrorState.PENDING}])
def test_an_event_that_is_still_worked_on_stays(queue, columns):
    accept(payment())
    Event.objects.update(received_at=timezone.now() - timedelta(days=31), **columns)
    assert prune(MONTH) == Pruned(runs=0, events=0)


def test_an_emptied_event_that_is_sent_again_is_a_copy(old):
    run = old()
    payload = run.event.payload
    prune(MONTH)
    assert not inbox.accept_stripe(payload, mirror=False).created
    assert Run.objects.count() == 1
    assert Event.objects.get().payload == {}


def test_a_dry_run_only_counts(old):
    old()
    assert prune(MONTH, dry_run=True) == Pruned(runs=1, events=1)
    assert Event.objects.get().payload
    assert not Run.objects.exclude(pruned_at=None).exists()


def test_works_in_batches(queue, recorder):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for number in range(7):
        execute(Run.objects.get(event=accept(payment(id=f"pi_{number}"))).pk)
    for run in Run.objects.all():
        make_older(run)
    told = []
    assert prune(MONTH, batch=3, report=told.append) == Pruned(runs=7, events=7)
    assert [so_far.runs for so_far in told] == [3, 6, 7, 7, 7, 7]


def test_rows_of_one_moment_are_not_passed_over(queue):
    for number in range(5):
        accept(payment(id=f"pi_{number}"))
    Event.objects.update(received_at=timezone.now() - timedelta(days=31))
    assert prune(MONTH, batch=2).events == 5


def test_costs_the_same_for_many_rows_in_one_batch(queue):
    def queries(count):
        for number in range(count):
            accept(payment(id=f"pi_{number}"))
        Event.objects.update(received_at=timezone.now() - timedelta(days=31))
        with CaptureQueriesContext(connection) as captured:
            prune(MONTH)
        return len(captured)

    assert queries(2) == queries(20)


def test_a_run_that_is_retried_meanwhile_stays(old, recorder, monkeypatch):
    recorder.then(PermanentError("No.", code="no"))
    run = old()
    assert run.status == RunStatus.FAILED
    empty = retention._empty_runs

    def retried_first(ids):
        on_runs.retry(Run.objects.get(pk=run.pk), Act())
        return empty(ids)

    monkeypatch.setattr(retention, "_empty_runs", retried_first)
    assert prune(MONTH) == Pruned(runs=0, events=0)
    assert run.steps.first().inputs == {"text": "secret"}


def test_what_was_emptied_can_neither_be_retried_nor_run_again(old, recorder):
    recorder.then(PermanentError("No.", code="no"))
    run = old()
    prune(MONTH)
    for operation in (on_runs.retry, on_runs.rerun):
        with pytest.raises(NotPossible, match="emptied"):
            operation(Run.objects.get(pk=run.pk), Act())
    assert Run.objects.get().status == RunStatus.FAILED


def test_why_says_that_nobody_can_tell_any_more(queue, recorder):
    conditions = group(compare("trigger.currency", "equal", "eur"))
    lifecycle.activate(lifecycle.create(document(action("one", text="a"), conditions=conditions)))
    event = accept(payment())
    assert [verdict.reason for verdict in why.explain(event)] == ["not_met"]
    Event.objects.update(received_at=timezone.now() - timedelta(days=31))
    prune(MONTH)
    (verdict,) = why.explain(Event.objects.get())
    assert verdict.reason == "emptied"
    assert "emptied" in verdict.sentence


def test_an_event_is_kept_for_who_holds_it(queue):
    event = accept(payment())
    assert retention.keep_event(event.pk) == event
    Event.objects.update(pruned_at=timezone.now())
    with pytest.raises(Emptied, match=event.external_id):
        retention.keep_event(event.pk)


def test_rows_of_hosts_that_are_gone_are_deleted():
    Beat.objects.write("ring@gone", now=timezone.now() - timedelta(days=31))
    Beat.objects.write("ring@here")
    prune(MONTH)
    assert Beat.objects.get().name == "ring@here"


def test_limits_of_calls_that_nobody_makes_any_more_are_deleted():
    now = int(timezone.now().timestamp())
    for key, second in (("acct_gone", now - 31 * 86_400), ("acct_here", now)):
        CallBudget.objects.create(key=key, second=second, used=1)
    prune(timedelta(days=30))
    assert [row.key for row in CallBudget.objects.all()] == ["acct_here"]


def test_changes_of_drafts_that_are_old_are_deleted():
    workflow = lifecycle.create(document(action("one", text="a")))
    for text in ("b", "c"):
        editing.update(workflow, document(action("one", text=text)), revision=workflow.revision)
    old = Edit.objects.order_by("revision").first()
    Edit.objects.filter(pk=old.pk).update(made_at=timezone.now() - timedelta(days=31))
    prune(MONTH)
    assert [edit.revision for edit in Edit.objects.all()] == [workflow.revision]


def command(*args):
    out = StringIO()
    call_command("stripeflow_prune", *args, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(old):
    old()
    assert command("--days", "30", "--dry-run") == "Would empty 1 runs and 1 events.\n"
    assert command("--days", "30", "--batch", "10") == "Emptied 1 runs and 1 events.\n"


@pytest.mark.parametrize("args", [(), ("--days", "0"), ("--days", "-1"), ("--days", "x")])
def test_the_command_needs_a_number_of_days(args):
    with pytest.raises(CommandError):
        command(*args)


def test_who_emptied_what_is_reported(db):
    call_command("stripeflow_prune", days=30, stdout=StringIO())
    entry = AuditEntry.objects.get()
    assert (entry.kind, entry.command) == ("installation.pruned", "stripeflow_prune")
    assert entry.after == {"runs": 0, "events": 0, "days": 30}


def test_what_is_deleted_goes_in_batches_as_well():
    workflow = lifecycle.create(document())
    old = timezone.now() - timedelta(days=500)
    Edit.objects.all().delete()
    Edit.objects.bulk_create(
        Edit(workflow=workflow, revision=number, document={}) for number in range(100, 105)
    )
    Edit.objects.update(made_at=old)
    KeyUse.objects.bulk_create(
        KeyUse(workflow=workflow, livemode=True, digest=str(number), run_id=uuid4(), used_at=old)
        for number in range(5)
    )
    RecentMail.objects.bulk_create(
        RecentMail(livemode=True, digest=str(number), taken_at=old) for number in range(5)
    )
    MailCount.objects.create(day=old.date(), livemode=True)
    with CaptureQueriesContext(connection) as queries:
        prune(timedelta(days=400), batch=2)
    assert not MailCount.objects.exists()
    for model in (Edit, KeyUse, RecentMail):
        assert not model.objects.exists()
        deletes = [
            query["sql"]
            for query in queries
            if query["sql"].startswith(f'DELETE FROM "{model._meta.db_table}"')
        ]
        assert len(deletes) == 3


def test_a_key_that_is_used_again_meanwhile_stays_used(monkeypatch):
    workflow = lifecycle.create(document())
    old = timezone.now() - timedelta(days=500)
    use = KeyUse.objects.create(workflow=workflow, livemode=True, digest="a", run_id=uuid4(), used_at=old)
    delete = retention._delete

    def used_meanwhile(rows, ids):
        KeyUse.objects.filter(pk=use.pk).update(used_at=timezone.now())
        return delete(rows, ids)

    monkeypatch.setattr(retention, "_delete", used_meanwhile)
    prune(timedelta(days=400))
    assert KeyUse.objects.exists()


def test_times_that_schedules_left_out_long_ago_are_deleted_in_batches():
    workflow = lifecycle.create(document(action("one", text="a")))
    now = timezone.now()
    ages = [timedelta(days=days) for days in (29, 31, 32, 33)]
    LeftOutTime.objects.bulk_create(
        LeftOutTime(workflow=workflow, reason="missed", first_at=now - 2 * MONTH, last_at=now - age, count=1)
        for age in ages
    )
    prune(MONTH, batch=2)
    assert [one.last_at for one in LeftOutTime.objects.all()] == [now - ages[0]]


def test_items_of_loops_lose_their_values(start):
    run = start(loop(action("one", text="{{ item.missing }}")), obj=holding({"id": "ch_1", "name": "Jane"}))
    execute(run.pk)
    make_older(run)
    prune(MONTH)
    kept = LoopItem.objects.get()
    assert (kept.key, kept.value, kept.error["message"]) == ("ch_1", None, kept.error["public"])
