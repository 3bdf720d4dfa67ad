"""Starts that are spread: by delays that all agree on, none of which reaches the next time."""

from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers.types.recurring_schedule import reading, words, zones
from stripeflow.triggers.types.recurring_schedule.missed import MOST_COUNTED, CatchUp, Missed, due
from stripeflow.triggers.types.recurring_schedule.recurrence import Every
from stripeflow.triggers.types.recurring_schedule.spreading import Spread
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable
from stripeflow.triggers.types.recurring_schedule.trigger import RecurringSchedule

NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
SECOND, MINUTE, HOUR = timedelta(seconds=1), timedelta(minutes=1), timedelta(hours=1)
HOURLY = Timetable(Every(HOUR), zones.find("UTC"))
BY_MINUTES = Timetable(Every(MINUTE), zones.find("UTC"))
DAILY = {"repeats": "daily", "time_of_day": "09:00"}


def begins(timetable, spread, *, count=400):
    return [at + spread.delay(at, timetable) for at in timetable.upcoming(NOON, count=count)]


@pytest.mark.parametrize("timetable", [HOURLY, BY_MINUTES])
@pytest.mark.parametrize("minutes", [0, 1, 15, 180])
def test_each_starts_within_the_spread_and_before_the_next_time(timetable, minutes):
    spread = Spread(timedelta(minutes=minutes), "7")
    times = timetable.upcoming(NOON, count=401)
    for start, at, following in zip(begins(timetable, spread), times, times[1:], strict=False):
        assert at <= start <= at + timedelta(minutes=minutes)
        assert start < following


def test_delays_are_the_same_again_and_others_for_another_schedule():
    ten = timedelta(minutes=10)
    first, again, other = (begins(HOURLY, Spread(ten, key)) for key in ("7", "7", "8"))
    assert first == again
    assert first != other
    late = [(start - at) / MINUTE for start, at in zip(first, HOURLY.upcoming(NOON, count=400), strict=True)]
    # They fill the spread.
    assert (min(late) < 1, max(late) > 9, 4 < sum(late) / len(late) < 6) == (True, True, True)


def test_the_last_time_of_all_may_use_the_whole_spread():
    once = Timetable(Every(HOUR), zones.find("UTC"), ends=NOON)
    assert Spread(timedelta(minutes=15)).longest(NOON, once) == timedelta(minutes=15)


@pytest.mark.parametrize("missed", Missed)
def test_a_time_is_due_when_it_starts_and_not_missed_before(missed):
    spread = Spread(timedelta(minutes=50), "7")
    start = NOON + spread.delay(NOON, HOURLY)
    assert start > NOON + 2 * MINUTE
    rules = {"first": NOON, "catch_up": CatchUp(missed), "spread": spread}
    assert due(HOURLY, now=start - SECOND, **rules).ticks == ()
    found = due(HOURLY, now=start, **rules)
    assert (found.ticks, found.left_out, found.following) == ((NOON,), None, NOON + HOUR)


def test_after_a_long_outage_the_newest_that_has_started_comes_about():
    spread = Spread(timedelta(minutes=50), "7")
    first = NOON - 3 * MOST_COUNTED * HOUR
    found = due(HOURLY, first=first, now=NOON, catch_up=CatchUp(), spread=spread)
    (tick,) = found.ticks
    assert tick + spread.delay(tick, HOURLY) <= NOON
    assert found.following == tick + HOUR
    assert found.following + spread.delay(found.following, HOURLY) > NOON
    assert found.left_out.more
    assert found.left_out.last < tick


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        (DAILY, "Every day at 09:00 (UTC)"),
        ({**DAILY, "spread_minutes": 15}, "Every day at 09:00 (UTC), up to 15 minutes later"),
    ],
)
def test_words_say_the_spread(settings, sentence):
    assert words.sentence(settings) == sentence
    later = sentence.removeprefix("Every day at 09:00 (UTC)")
    assert all(line.endswith(f"09:00 (UTC+00:00){later}") for line in RecurringSchedule().outlook(settings))


def test_words_never_say_more_than_there_is_until_the_next_time():
    settings = {"repeats": "minutes", "every": 5, "spread_minutes": 60}
    assert {line.split(", ")[-1] for line in RecurringSchedule().outlook(settings)} == {
        "up to 5 minutes later"
    }


def test_a_spread_is_read_in_minutes():
    assert reading.timing_of({**DAILY, "spread_minutes": 180}).spread.most == 3 * HOUR
