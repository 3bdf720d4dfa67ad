from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from bench.plans import watched
from stripeflow.triggers import queue as queue_of_triggers
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.worker import due
from stripeflow.workflows.worker.due import BATCH, look_around, notify_due
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

NOW = timezone.now
LONG_AGO = timedelta(minutes=5)


@pytest.fixture
def run(queue):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    return Run.objects.get(event=accept(payment()))


def put(run, **columns):
    Run.objects.filter(pk=run.pk).update(**columns)


def test_a_run_that_was_notified_just_now_is_left_alone(run, queue):
    assert notify_due() == 0
    assert queue.messages == []


def test_a_queued_run_whose_notification_was_lost_gets_another(run, queue):
    put(run, rung_at=NOW() - LONG_AGO)
    assert notify_due() == 1
    assert queue.of(EXECUTE) == [(str(run.pk),)]


def test_nobody_notifies_twice_in_a_row(run, queue):
    put(run, rung_at=None)
    assert (notify_due(), notify_due()) == (1, 0)


@pytest.mark.parametrize(
    ("status", "columns", "expected"),
    [
        ("waiting", {"due_at": -1}, 1),
        ("waiting", {"due_at": 60}, 0),
        ("running", {"lease_expires_at": -1}, 1),
        ("running", {"lease_expires_at": 60}, 0),
        ("held", {}, 0),
        ("outcome_unknown", {}, 0),
        ("succeeded", {}, 0),
        ("failed", {}, 0),
        ("canceled", {}, 0),
    ],
)
def test_notifies_of_what_waits_for_nobody_but_the_clock(run, queue, status, columns, expected):
    times = {name: NOW() + timedelta(seconds=seconds) for name, seconds in columns.items()}
    put(run, status=status, rung_at=None, **times)
    assert notify_due() == expected


@pytest.fixture
def many(queue, run, settings):
    """More runs than one batch, none of them notified of."""
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_RUNS_PER_OBJECT_HOUR": 1_000}
    for _ in range(BATCH + 2):
        accept(payment())
    queue.messages.clear()
    Run.objects.update(rung_at=None)
    return Run.objects.order_by("event_id")


@pytest.mark.parametrize("status", ["queued", "waiting"])
def test_many_runs_are_notified_of_by_a_few(many, status):
    many.update(status=status, due_at=NOW() - LONG_AGO)
    assert (notify_due(), notify_due(), notify_due()) == (BATCH, 3, 0)


def test_each_run_that_lost_its_worker_is_notified_of(many):
    many.update(status="running", lease_expires_at=NOW() - LONG_AGO)
    assert notify_due() == BATCH + 3


@pytest.mark.parametrize("others", ["queued", "waiting"])
@pytest.mark.parametrize("status", ["queued", "waiting", "running"])
def test_many_runs_do_not_keep_one_of_another_kind_from_its_turn(many, queue, status, others):
    past = NOW() - LONG_AGO
    many.update(status=others, due_at=past, lease_expires_at=past)
    latest = many.last()
    put(latest, status=status)
    notify_due()
    assert ((str(latest.pk),) in queue.of(EXECUTE)) == (status != others)


@pytest.mark.parametrize("status", ["queued", "waiting"])
def test_many_runs_of_an_account_keep_none_of_another_from_its_notification(many, queue, status):
    many.update(status=status, due_at=NOW() - LONG_AGO, account="acct_busy")
    latest = many.last()
    put(latest, status=status, account="acct_late")
    notify_due()
    assert (str(latest.pk),) in queue.of(EXECUTE)


@pytest.fixture
def in_our_database(monkeypatch):
    """A queue whose messages are rows of our own database."""
    monkeypatch.setattr(queue_of_triggers, "writes_in_transaction", lambda: True)


@pytest.mark.django_db(transaction=True)
def test_messages_in_our_database_are_one_commit(many, monkeypatch, in_our_database):
    seen = []
    monkeypatch.setattr(due, "notify", lambda _run_id: seen.append(connection.in_atomic_block))
    assert notify_due() == BATCH
    assert seen == [True] * BATCH
    assert Run.objects.exclude(rung_at=None).count() == BATCH


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_finds_nothing_writes_nothing(run, in_our_database):
    with CaptureQueriesContext(connection) as seen:
        assert notify_due() == 0
    assert {query["sql"].split()[0] for query in seen} == {"SELECT"}


@pytest.mark.django_db(transaction=True)
def test_no_transaction_is_open_while_another_queue_is_called(many, monkeypatch):
    seen = []
    monkeypatch.setattr(due, "notify", lambda _run_id: seen.append(connection.in_atomic_block))
    assert notify_due() == BATCH
    assert seen == [False] * BATCH


@pytest.mark.django_db(transaction=True)
def test_messages_that_cannot_be_written_are_tried_again(many, monkeypatch, in_our_database):
    with monkeypatch.context() as full:
        full.setattr(due, "notify", mock.Mock(side_effect=[None, OperationalError("The disk is full.")]))
        with pytest.raises(OperationalError):
            notify_due()
    assert not Run.objects.exclude(rung_at=None).exists()
    assert notify_due() == BATCH


@pytest.mark.skipif(connection.vendor != "sqlite", reason="PostgreSQL reads a small table at once.")
def test_a_round_reads_no_table_that_grows():
    """Without statistics, as no SQLite database of ours has any."""
    with watched() as seen:
        look_around()
    assert seen.scans() == []
