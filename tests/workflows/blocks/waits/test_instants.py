"""Arithmetic of waits, against an oracle that looks at every quarter of an hour."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from stripeflow.workflows.blocks.waits.instants import Unit, Window, first_instant, moment, shifted, within

BERLIN, NEW_YORK = ZoneInfo("Europe/Berlin"), ZoneInfo("America/New_York")
LORD_HOWE, APIA, CAIRO = ZoneInfo("Australia/Lord_Howe"), ZoneInfo("Pacific/Apia"), ZoneInfo("Africa/Cairo")
ZONES = (BERLIN, NEW_YORK, LORD_HOWE, APIA, CAIRO)
OFFICE = Window(frozenset(range(5)), 9, 17)


def utc(*parts):
    return datetime(*parts, tzinfo=UTC)


def by_looking(wall, zone):
    """The first quarter of an hour at which clocks show `wall` or later, found by looking at each."""
    at = wall.replace(tzinfo=UTC) - timedelta(days=2)
    while at.astimezone(zone).replace(tzinfo=None) < wall:
        at += timedelta(minutes=15)
    return at


def is_open(at, window, zone):
    local = at.astimezone(zone)
    return local.weekday() in window.weekdays and window.begins <= local.hour < window.ends


def next_open(at, window, zone):
    while not is_open(at, window, zone):
        at += timedelta(minutes=15)
    return at


@pytest.mark.parametrize(
    ("wall", "zone", "instant"),
    [
        (datetime(2026, 3, 29, 2, 30), BERLIN, utc(2026, 3, 29, 1, 0)),
        (datetime(2026, 10, 25, 2, 30), BERLIN, utc(2026, 10, 25, 0, 30)),
        (datetime(2026, 3, 8, 2, 0), NEW_YORK, utc(2026, 3, 8, 7, 0)),
        (datetime(2026, 10, 4, 2, 15), LORD_HOWE, utc(2026, 10, 3, 15, 30)),
        (datetime(2011, 12, 30, 12, 0), APIA, utc(2011, 12, 30, 10, 0)),
        (datetime(2026, 4, 24, 0, 0), CAIRO, utc(2026, 4, 23, 22, 0)),
    ],
)
def test_a_time_that_is_missing_or_doubled_is_its_first_instant(wall, zone, instant):
    assert first_instant(wall, zone) == instant == by_looking(wall, zone)


@pytest.mark.parametrize("zone", ZONES, ids=str)
def test_each_half_hour_around_changes_of_clocks_is_as_looked_up(zone):
    for year, month, day in ((2026, 3, 28), (2026, 10, 24), (2026, 10, 3), (2026, 4, 23), (2011, 12, 29)):
        begin = datetime(year, month, day)
        for number in range(96):
            wall = begin + timedelta(minutes=30 * number)
            assert first_instant(wall, zone) == by_looking(wall, zone)


def test_hours_are_exact_and_days_keep_the_time_of_day():
    before_change = utc(2026, 3, 28, 11, 0)
    assert shifted(before_change, 24, Unit.HOURS, BERLIN) == utc(2026, 3, 29, 11, 0)
    assert shifted(before_change, 1, Unit.DAYS, BERLIN) == utc(2026, 3, 29, 10, 0)
    assert shifted(before_change, -1, Unit.WEEKS, BERLIN) == utc(2026, 3, 21, 11, 0)


@pytest.mark.parametrize(
    ("value", "instant"),
    [
        (1_767_225_600, utc(2026, 1, 1)),
        ("2026-07-01", utc(2026, 6, 30, 22, 0)),
        ("2026-07-01T09:00", utc(2026, 7, 1, 7, 0)),
        ("2026-07-01 09:00", utc(2026, 7, 1, 7, 0)),
        ("2026-07-01T09:00:00+00:00", utc(2026, 7, 1, 9, 0)),
        ("2026-07-01T09:00:00Z", utc(2026, 7, 1, 9, 0)),
    ],
)
def test_a_date_is_read_in_its_zone(value, instant):
    assert moment(value, BERLIN) == instant


@pytest.mark.parametrize("value", ["soon", "", "2026-02-31", 10**20])
def test_what_is_no_date_is_refused(value):
    with pytest.raises((ValueError, OverflowError)):
        moment(value, BERLIN)


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (utc(2026, 7, 1, 10, 30), utc(2026, 7, 1, 10, 30)),
        (utc(2026, 7, 1, 3, 0), utc(2026, 7, 1, 7, 0)),
        (utc(2026, 7, 1, 15, 0), utc(2026, 7, 2, 7, 0)),
        (utc(2026, 7, 3, 15, 0), utc(2026, 7, 6, 7, 0)),
        (utc(2026, 7, 5, 12, 0), utc(2026, 7, 6, 7, 0)),
    ],
)
def test_a_window_opens_on_the_next_of_its_days(at, opens):
    assert within(at, OFFICE, BERLIN) == opens


@pytest.mark.parametrize("zone", ZONES, ids=str)
@pytest.mark.parametrize("window", [OFFICE, Window(frozenset({4}), 1, 4), Window(frozenset({6}), 0, 24)])
def test_windows_open_as_looked_up_also_around_changes_of_clocks(zone, window):
    for begin in (utc(2026, 3, 27), utc(2026, 10, 23), utc(2026, 10, 2), utc(2026, 4, 22), utc(2011, 12, 28)):
        for number in range(0, 96, 7):
            at = begin + timedelta(hours=number)
            assert within(at, window, zone) == next_open(at, window, zone)


def test_a_window_without_days_never_opens():
    with pytest.raises(ValueError, match="never"):
        within(utc(2026, 7, 1), Window(frozenset()), BERLIN)
