from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.missed import MOST_COUNTED, CatchUp, Missed, due
from stripeflow.triggers.types.recurring_schedule.recurrence import Every
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable

HOURLY = Timetable(Every(timedelta(hours=1)), zones.find("UTC"))
MINUTES = Timetable(Every(timedelta(minutes=1)), zones.find("UTC"))
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def hours(found):
    return [tick.hour for tick in found.ticks]


def looked(now, *, first=NOON, **catch_up):
    return due(HOURLY, first=first, now=now, catch_up=CatchUp(**catch_up))


@pytest.mark.parametrize("missed", Missed)
def test_one_that_is_on_time_comes_about_by_every_rule(missed):
    found = looked(NOON + SECOND, missed=missed)
    assert (hours(found), found.left_out, found.following) == ([12], None, NOON + timedelta(hours=1))


def test_nothing_is_due_before_its_time():
    found = looked(NOON - SECOND)
    assert (found.ticks, found.following) == ((), NOON)


@pytest.mark.parametrize(
    ("catch_up", "ticks", "count"),
    [
        ({"missed": Missed.SKIP}, [], 6),
        ({"missed": Missed.ONCE}, [17], 5),
        ({"missed": Missed.ALL, "up_to": 3}, [15, 16, 17], 3),
        ({"missed": Missed.ALL, "up_to": 100}, [12, 13, 14, 15, 16, 17], 0),
        ({"missed": Missed.ALL, "up_to": 100, "within": timedelta(hours=2)}, [16, 17], 4),
        ({"missed": Missed.ONCE, "within": timedelta(minutes=10)}, [], 6),
    ],
)
def test_missed_ones_come_about_as_set(catch_up, ticks, count):
    found = looked(NOON + timedelta(hours=5, minutes=30), **catch_up)
    assert hours(found) == ticks
    assert (found.left_out.count if found.left_out else 0) == count
    assert found.following == NOON + timedelta(hours=6)


def test_says_between_which_times_some_are_left_out():
    left_out = looked(NOON + timedelta(hours=5, minutes=30)).left_out
    assert (left_out.first.hour, left_out.last.hour, left_out.more) == (12, 16, False)


def test_a_year_of_minutes_is_not_gone_through():
    now = NOON + timedelta(days=365)
    found = due(MINUTES, first=NOON, now=now, catch_up=CatchUp(within=timedelta(hours=1)))
    assert found.ticks == (now,)
    assert found.left_out.more
    assert found.left_out.count < MOST_COUNTED + 61
