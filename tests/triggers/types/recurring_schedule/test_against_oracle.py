"""Every tick around changes of the clocks, against a slow oracle. `whole.py` has ten years."""

from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.recurrence import AtWallTime, Every
from tests.triggers.types.recurring_schedule.oracle import CASES, ZONES, every

# The days around each change of the clocks in these years, and around the day that Apia left out.
CHANGES = [
    (datetime(2011, 12, 28, tzinfo=UTC), datetime(2012, 1, 3, tzinfo=UTC)),
    (datetime(2023, 4, 20, tzinfo=UTC), datetime(2023, 5, 3, tzinfo=UTC)),
    (datetime(2025, 3, 5, tzinfo=UTC), datetime(2025, 4, 10, tzinfo=UTC)),
    (datetime(2025, 9, 28, tzinfo=UTC), datetime(2025, 11, 5, tzinfo=UTC)),
]


def ticks(recurrence, start, end):
    at, found = start - timedelta(seconds=1), []
    while (at := recurrence.next_after(at)) is not None and at < end:
        found.append(at)
    return found


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize(("cron", "matches", "names"), CASES, ids=[case[0] for case in CASES])
@pytest.mark.parametrize(("start", "end"), CHANGES, ids=[f"{start:%Y-%m}" for start, _end in CHANGES])
def test_wall_time_comes_about_when_the_oracle_says(zone, cron, matches, names, start, end):
    ours = ticks(AtWallTime(cron, zones.find(zone)), start, end)
    assert ours == names(matches, zone, start, end)


@pytest.mark.parametrize("hours", [1, 2, 5, 24])
def test_hours_pass_whatever_the_clocks_show(hours):
    start, end = CHANGES[2]
    assert ticks(Every(timedelta(hours=hours)), start, end) == every(hours, start, end)
