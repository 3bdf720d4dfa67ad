import pytest
from django.db import DEFAULT_DB_ALIAS, OperationalError, transaction

from stripeflow.triggers import queue as seam
from stripeflow.triggers.queue import temporarily
from stripeflow.triggers.queue.memory import MemoryBackend
from stripeflow.triggers.queue.tasks import MIRROR

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def table():
    """A queue whose messages are rows of our database."""
    with temporarily(MemoryBackend(database=DEFAULT_DB_ALIAS)) as backend:
        yield backend


def notify():
    seam.enqueue(MIRROR, 7)


def test_a_message_goes_to_the_queue_that_is_chosen(queue):
    assert seam.enqueue(MIRROR, 7) == queue.messages[0].id
    assert queue.of(MIRROR) == [(7,)]


def test_a_message_to_another_server_waits_for_the_commit(queue):
    with transaction.atomic():
        seam.on_commit(notify)
        assert queue.messages == []
    assert queue.of(MIRROR) == [(7,)]


@transaction.atomic
def notify_and_fail():
    seam.on_commit(notify)
    raise ZeroDivisionError


def test_of_a_transaction_that_is_undone_it_hears_nothing(queue):
    with pytest.raises(ZeroDivisionError):
        notify_and_fail()
    assert queue.messages == []


def test_a_message_that_is_a_row_of_this_database_is_written_before_the_commit(table):
    with transaction.atomic():
        seam.on_commit(notify)
        assert table.of(MIRROR) == [(7,)]


@pytest.mark.parametrize("database", [None, "analytics", DEFAULT_DB_ALIAS])
def test_a_queue_that_is_down_is_logged(caplog, database):
    with temporarily(MemoryBackend(database=database)) as backend:
        backend.error = ConnectionError()
        with transaction.atomic():
            seam.on_commit(notify)
    assert any("notify" in message for message in caplog.messages)


def test_a_broken_transaction_is_not_hidden(table):
    table.error = OperationalError("full")
    with pytest.raises(OperationalError), transaction.atomic():
        seam.on_commit(notify)


@pytest.mark.parametrize("database", [None, "analytics"])
def test_only_rows_of_the_default_database_are_written_by_its_transactions(database):
    with temporarily(MemoryBackend(database=database)):
        assert not seam.writes_in_transaction()
