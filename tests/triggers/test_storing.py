"""The event and all that it starts by one statement: where that is done, and what happens elsewhere."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.db import DEFAULT_DB_ALIAS, DataError, OperationalError, connection, transaction
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers import inbox, storing
from stripeflow.triggers.inbox import Decided
from stripeflow.triggers.models import Event
from stripeflow.triggers.queue import temporarily
from stripeflow.triggers.queue.memory import MemoryBackend
from tests.triggers.stripe_events import charge_event

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def elsewhere(monkeypatch, queue):
    """The queue is elsewhere, and every database is taken for one that can do it."""
    monkeypatch.setattr(storing, "can_insert_together", connection.get_autocommit)


@pytest.fixture
def handled():
    return []


@pytest.fixture
def notified():
    return []


@pytest.fixture
def deciding(handled, notified):
    """The inbox with a handler that notes what it gets, and a decider that starts nothing."""

    def decide(events):
        assert [event.pk for event in events] == [None] * len(events)
        return Decided([[]] * len(events), lambda _rows: notified.extend(event.pk for event in events))

    with inbox.temporary_handler(handled.append, decide):
        yield


def accept(**changes):
    return inbox.accept_stripe(charge_event(**changes))


@pytest.mark.usefixtures("deciding")
def test_the_event_is_stored_as_matched_and_notified(handled, notified):
    accepted = accept()
    stored = Event.objects.get()
    assert (accepted.created, accepted.event.pk) == (True, stored.pk)
    assert stored.matched_at is not None
    assert handled == []
    assert notified == [stored.pk]


@pytest.mark.usefixtures("deciding")
def test_a_copy_returns_the_row_and_notifies_nobody(handled, notified):
    first, second = accept(), accept()
    assert (first.created, second.created) == (True, False)
    assert first.event.pk == second.event.pk
    assert (handled, len(notified)) == ([], 1)
    assert Event.objects.get().duplicates == 1


@pytest.mark.postgresql
@pytest.mark.usefixtures("deciding")
def test_it_is_one_statement():
    with CaptureQueriesContext(connection) as captured:
        accept()
    assert len(captured) == 1


@pytest.mark.usefixtures("deciding")
def test_inside_of_a_transaction_the_handler_is_asked(handled, notified):
    with transaction.atomic():
        accept()
    assert len(handled) == 1
    assert notified == []


@pytest.mark.usefixtures("deciding")
def test_with_the_queue_in_the_database_the_handler_is_asked(handled, notified):
    with temporarily(MemoryBackend(database=DEFAULT_DB_ALIAS)):
        accept()
    assert len(handled) == 1
    assert notified == []


def undecided(events):
    return Decided([None] * len(events), lambda _rows: None)


def broken(_event):
    raise ValueError("no")


@pytest.mark.parametrize("decide", [undecided, broken])
def test_what_can_not_be_decided_is_left_to_the_handler(handled, decide):
    with inbox.temporary_handler(handled.append, decide):
        assert accept().created
    assert len(handled) == 1
    assert Event.objects.get().matched_at is not None


def test_a_row_that_can_not_be_stored_is_left_to_the_handler(handled, notified):
    """The handler comes upon the same, and then the event stands alone; here it does better."""
    taken = ContentType.objects.get_for_model(Event)
    twin = ContentType(app_label=taken.app_label, model=taken.model)
    with inbox.temporary_handler(
        handled.append, lambda _events: Decided([[twin]], lambda _rows: notified.append(1))
    ):
        assert accept().created
    assert len(handled) == 1
    assert Event.objects.get().matched_at is not None
    assert notified == []


def test_if_all_fails_the_event_stands(notified):
    twin = ContentType(app_label="stripeflow_triggers", model="event")
    ContentType.objects.get_for_model(Event)
    with inbox.temporary_handler(broken, lambda _events: Decided([[twin]], lambda _rows: notified.append(1))):
        event = accept().event
    event.refresh_from_db()
    assert (event.matched_at, event.match_attempts, event.match_error) == (None, 1, "ValueError: no")
    assert notified == []


@pytest.mark.parametrize(("error", "is_lost"), [(OperationalError, True), (DataError, False)])
def test_a_database_that_is_down_is_not_asked_twice(deciding, handled, monkeypatch, error, is_lost):
    def fail(*_args, **_options):
        raise error

    monkeypatch.setattr(storing, "insert_together", fail)
    if is_lost:
        with pytest.raises(OperationalError):
            accept()
    else:
        accept()
    assert (Event.objects.count(), len(handled)) == ((0, 0) if is_lost else (1, 1))
