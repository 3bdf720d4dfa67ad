"""Every tick of ten years in five zones: `make schedules ARGS="[first year] [years]"`.

Each hour of them is asked for what follows it, too: it does not matter when somebody looks.
"""

import os
import sys
from bisect import bisect_right
from datetime import UTC, datetime, timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "stripeflow_site.settings")
django.setup()

from stripeflow.triggers.types.recurring_schedule import zones  # noqa: E402
from stripeflow.triggers.types.recurring_schedule.recurrence import AtWallTime, Every  # noqa: E402
from tests.triggers.types.recurring_schedule.oracle import CASES, ZONES, every  # noqa: E402
from tests.triggers.types.recurring_schedule.test_against_oracle import ticks  # noqa: E402

HOUR = timedelta(hours=1)


def compare(recurrence, expected, start, end):
    """Every tick in turn, and what follows each hour that the oracle can judge. Returns how many of both."""
    assert ticks(recurrence, start, end) == expected
    asked, at = 0, start
    while at < expected[-1]:
        assert recurrence.next_after(at) == expected[bisect_right(expected, at)], at
        at, asked = at + HOUR, asked + 1
    return len(expected), asked


def main(first=2017, years=10):
    start = datetime(first, 1, 1, tzinfo=UTC)
    end = start.replace(year=start.year + years)
    for hours in (1, 2, 5, 24):
        print(f"every {hours} h", *compare(Every(hours * HOUR), every(hours, start, end), start, end))
    for zone in ZONES:
        for cron, matches, names in CASES:
            expected = names(matches, zone, start, end)
            counted = compare(AtWallTime(cron, zones.find(zone)), expected, start, end)
            print(zone, cron, *counted, flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:3]))
