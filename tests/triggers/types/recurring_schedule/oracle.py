"""When a schedule comes about, found slowly: every quarter of an hour is looked at, one after the other.

It shares no code with what it judges, and knows zones by `zoneinfo` alone.
"""

import calendar
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

QUARTER = timedelta(minutes=15)
# Lord Howe puts its clocks forward by half an hour, Apia left out a day, and Cairo changes at short notice.
ZONES = ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia", "Africa/Cairo")


@cache
def quarters(zone, start, end):
    """Each quarter of an hour in UTC, with what the clocks show then."""
    found, at = [], start
    while at < end:
        found.append((at, at.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)))
        at += QUARTER
    return found


def every(hours, start, end):
    """Each so many hours since 1970."""
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return [
        at
        for at, _wall in quarters("UTC", start, end)
        if (at - epoch) % timedelta(hours=hours) == timedelta()
    ]


def whatever_the_clocks_show(matches, zone, start, end):
    """Each time that they show it, also the second one."""
    return [at for at, wall in quarters(zone, start, end) if matches(wall)]


def once_each(matches, zone, start, end):
    """The first time that the clocks show it; what they leave out comes with the first quarter after that."""
    found, shown = [], datetime(1, 1, 1)
    for at, wall in quarters(zone, start, end):
        left_out = []
        if shown.year > 1:
            passed = shown + QUARTER
            while passed < wall:
                left_out.append(passed)
                passed += QUARTER
        is_new = wall > shown
        if is_new and (matches(wall) or any(matches(one) for one in left_out)):
            found.append(at)
        shown = max(shown, wall)
    return found


def daily(hour, minute=0):
    return lambda wall: (wall.hour, wall.minute) == (hour, minute)


def on_weekdays(days, hour, minute=0):
    return lambda wall: wall.weekday() in days and (wall.hour, wall.minute) == (hour, minute)


def on_dates(days, hour, minute=0):
    return lambda wall: wall.day in days and (wall.hour, wall.minute) == (hour, minute)


def last_day(hour, minute=0):
    return lambda wall: (
        wall.day == calendar.monthrange(wall.year, wall.month)[1]
        and (wall.hour, wall.minute) == (hour, minute)
    )


def hourly(minute=0):
    return lambda wall: wall.minute == minute


# A cron expression, what it means, and whether it goes on while the clocks are put back.
CASES = [
    ("0 9 * * *", daily(9), once_each),
    ("30 2 * * *", daily(2, 30), once_each),
    ("15 0 * * *", daily(0, 15), once_each),
    ("0,30 1-3 * * *", lambda wall: wall.hour in (1, 2, 3) and wall.minute in (0, 30), once_each),
    ("30 1 * * SUN", on_weekdays({6}, 1, 30), once_each),
    ("0 2 * * MON,THU", on_weekdays({0, 3}, 2), once_each),
    ("0 0 1,15,30 * *", on_dates({1, 15, 30}, 0), once_each),
    ("45 23 L * *", last_day(23, 45), once_each),
    ("0 * * * *", hourly(), whatever_the_clocks_show),
    ("30 * * * *", hourly(30), whatever_the_clocks_show),
    ("*/15 2 * * *", lambda wall: wall.hour == 2, whatever_the_clocks_show),
    ("0 */2 * * *", lambda wall: wall.hour % 2 == 0 and wall.minute == 0, whatever_the_clocks_show),
]
