"""What waits is taken by one account after the other."""

from datetime import timedelta
from itertools import count

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.triggers import inbox
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Event, MirrorState, Source
from stripeflow.triggers.sql import Slot
from stripeflow.triggers.turns import Turns

pytestmark = pytest.mark.django_db

WINDOW = 5
_numbers = count(1)


def wait(account="", *, livemode=False, many=1, ago=0, **columns):
    """Events of an account that wait since `ago` seconds."""
    then = timezone.now() - timedelta(seconds=ago)
    whose = {"livemode": livemode, "account": account, "match_due_at": then, "mirror_due_at": then}
    rows = [
        Event(source=Source.STRIPE, external_id=f"evt_{next(_numbers)}", created=then, **whose, **columns)
        for _ in range(many)
    ]
    return Event.objects.bulk_create(rows)


def turns_of(**further):
    def waiting():
        return Event.objects.unmatched().filter(match_due_at__lte=Slot(Event, "match_due_at", "now"))

    return Turns(waiting, order="match_due_at", window=WINDOW, **further)


@pytest.fixture
def turns():
    return turns_of()


@pytest.fixture
def clock(monkeypatch):
    """The monotonic clock, which stands still unless a test moves it."""
    now = [1_000.0]
    monkeypatch.setattr("stripeflow.triggers.turns.time.monotonic", lambda: now[0])
    return now


def whose(pks):
    events = Event.objects.in_bulk(pks)
    return [events[pk].account for pk in pks]


def test_a_busy_account_keeps_none_from_its_turn(turns):
    wait("acct_busy", many=100, ago=60)
    wait("acct_late")
    taken = whose(turns.take(2, now=timezone.now()))
    assert sorted(taken) == ["acct_busy", "acct_late"]


def test_each_account_gets_its_oldest_first(turns):
    oldest, _newest = wait("acct_1", ago=9) + wait("acct_1", ago=1)
    wait("acct_busy", many=10, ago=60)
    assert oldest.pk in turns.take(2, now=timezone.now())


def test_accounts_that_found_no_place_are_next(turns):
    for number in range(9):
        wait(f"acct_{number}", many=10)
    rounds = [whose(turns.take(3, now=timezone.now())) for _ in range(3)]
    assert sorted(sum(rounds, [])) == [f"acct_{number}" for number in range(9)]


def test_one_account_in_two_modes_takes_two_turns(turns):
    wait("acct_1", many=20, ago=60, livemode=True)
    (late,) = wait("acct_1", livemode=False)
    assert late.pk in turns.take(2, now=timezone.now())


def test_what_is_not_due_yet_takes_no_turn(turns):
    wait("acct_later", many=3, ago=-60)
    due = wait("acct_1", many=10)
    taken = turns.take(10, now=timezone.now())
    assert set(taken) <= {event.pk for event in due}
    assert len(taken) == WINDOW


def test_what_was_seen_already_is_passed_over(turns):
    first, second = wait("acct_1", many=2)
    assert turns.take(2, besides={first.pk}, now=timezone.now()) == [second.pk]


def test_nothing_waits(turns):
    assert turns.take(3, now=timezone.now()) == []
    assert turns.following(3, now=timezone.now()) == []


@pytest.mark.parametrize("at_random", [False, True])
def test_each_row_is_taken_once(turns, at_random):
    wait("acct_1", many=20)
    wait("acct_2", many=2)
    taken = turns.take(7, at_random=at_random, now=timezone.now())
    assert len(taken) == len(set(taken)) == 7


def test_little_that_waits_costs_one_query(turns):
    wait("acct_1", many=WINDOW - 1)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        turns.take(3, now=timezone.now())
    assert len(queries) == 1


def test_in_a_long_queue_accounts_that_are_known_cost_one_query_each(clock):
    turns = turns_of(known_for=5.0)
    wait("acct_1", many=20)
    wait("acct_2", many=20)
    turns.take(3, now=timezone.now())
    with CaptureQueriesContext(connection) as queries:
        taken = turns.take(3, now=timezone.now())
    assert set(whose(taken)) == {"acct_1", "acct_2"}
    assert len(queries) == 2


def test_a_new_account_has_its_turn_once_the_accounts_are_looked_up_again(clock):
    turns = turns_of(known_for=5.0)
    wait("acct_1", many=20, ago=60)
    turns.take(3, now=timezone.now())
    wait("acct_late")
    clock[0] += 4.9
    assert set(whose(turns.take(3, now=timezone.now()))) == {"acct_1"}
    clock[0] += 0.1
    assert set(whose(turns.take(3, now=timezone.now()))) == {"acct_1", "acct_late"}


def test_if_the_known_accounts_have_too_little_all_are_looked_for(clock):
    turns = turns_of(known_for=5.0)
    events = wait("acct_1", many=20, ago=60)
    turns.take(3, now=timezone.now())
    Event.objects.filter(pk__in=[event.pk for event in events[1:]]).delete()
    wait("acct_late")
    assert sorted(whose(turns.take(3, now=timezone.now()))) == ["acct_1", "acct_late"]


def test_known_accounts_that_found_no_place_are_next(clock):
    turns = turns_of(known_for=5.0)
    for number in range(5):
        wait(f"acct_{number}", many=10)
    turns.take(6, now=timezone.now())  # all five are known now
    rounds = [whose(turns.take(2, now=timezone.now())) for _ in range(5)]
    assert sorted(sum(rounds, [])) == sorted(2 * [f"acct_{number}" for number in range(5)])


def test_the_accounts_are_found_without_reading_what_they_wait_for(turns):
    for number in range(3):
        wait(f"acct_{number}", many=5)
    assert turns.following(9, now=timezone.now()) == [
        AccountMode(livemode=False, account=f"acct_{number}") for number in range(3)
    ]
    statement = turns._after._ready()
    values = {"livemode": False, "account": "acct_0", "now": timezone.now()}
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            f"EXPLAIN {'QUERY PLAN ' if connection.vendor == 'sqlite' else ''}{statement.sql}",
            statement.filled(values),
        )
        plan = " ".join(str(row) for row in cursor.fetchall())
    assert "stripeflow_event_match_turns" in plan


def test_the_sweep_matches_by_turns():
    wait("acct_busy", many=250, ago=60)
    (late,) = wait("acct_late")
    matched = []
    with inbox.temporary_handler(lambda event: matched.append(event.account)):
        assert inbox.sweep() == 100
    late.refresh_from_db()
    assert late.matched_at is not None
    assert matched.index("acct_late") < 2


def test_the_mirror_takes_accounts_by_turns():
    from stripeflow.triggers.mirror import _first_waiting

    wait("acct_busy", many=10, ago=60, mirror_state=MirrorState.PENDING)
    wait("acct_late", mirror_state=MirrorState.PENDING)
    assert set(whose([_first_waiting(), _first_waiting()])) == {"acct_busy", "acct_late"}
