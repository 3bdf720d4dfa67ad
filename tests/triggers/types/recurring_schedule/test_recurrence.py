from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.recurrence import AtWallTime, Every, InvalidCron

BERLIN = zones.find("Europe/Berlin")
QUARTER = timedelta(minutes=15)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


@pytest.mark.parametrize(
    ("at", "following"),
    [
        (utc(2026, 1, 1, 0, 0), utc(2026, 1, 1, 0, 15)),
        (utc(2026, 1, 1, 0, 14, 59, 999999), utc(2026, 1, 1, 0, 15)),
        (utc(2026, 1, 1, 0, 15, 0, 1), utc(2026, 1, 1, 0, 30)),
    ],
)
def test_counts_from_the_epoch(at, following):
    assert Every(QUARTER).next_after(at) == following


def test_counts_from_an_anchor_which_is_the_first():
    anchor = utc(2026, 1, 1, 10, 7)
    every = Every(QUARTER, anchor)
    assert every.next_after(utc(2020, 1, 1)) == anchor
    assert every.next_after(anchor) == utc(2026, 1, 1, 10, 22)


def test_does_not_stand_still_while_the_clocks_are_put_back():
    at, found = utc(2026, 10, 24, 23, 50), []
    for _ in range(12):
        at = AtWallTime("*/15 * * * *", BERLIN).next_after(at)
        found.append(at)
    assert {later - earlier for earlier, later in zip(found, found[1:], strict=False)} == {QUARTER}


def test_a_microsecond_after_a_tick_the_next_one_follows():
    at = AtWallTime("0 9 * * *", BERLIN)
    tick = utc(2026, 1, 1, 8)
    assert at.next_after(tick - timedelta(microseconds=1)) == tick
    assert at.next_after(tick) == at.next_after(tick + timedelta(microseconds=1)) == utc(2026, 1, 2, 8)


@pytest.mark.parametrize(
    "cron",
    ["", "0 9 * *", "0 0 9 * * *", "60 9 * * *", "0 9 31 2 *", "a b c d e", "0 9 * * MONDAY", "* " * 60],
)
def test_what_is_no_time_is_refused(cron):
    with pytest.raises(InvalidCron):
        AtWallTime(cron, BERLIN)


def test_there_is_nothing_after_the_last_year():
    last = datetime.max.replace(tzinfo=UTC) - timedelta(days=1)
    assert AtWallTime("0 9 1 1 *", zones.find("UTC")).next_after(last) is None
