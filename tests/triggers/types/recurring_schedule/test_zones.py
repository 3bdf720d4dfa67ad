from datetime import UTC, date, datetime, timedelta

import pytest

from stripeflow.triggers.types.recurring_schedule import zones

BERLIN = zones.find("Europe/Berlin")


def test_finds_the_zones_that_are_installed_with_us_and_no_file():
    assert BERLIN.key == "Europe/Berlin"
    assert len(zones.names()) > 500
    assert [zones.find(name) for name in ("Mars/Base", "../zones", "", "europe/berlin")] == [None] * 4


@pytest.mark.parametrize(
    ("wall", "instant"),
    [
        (datetime(2026, 7, 1, 9), datetime(2026, 7, 1, 7, tzinfo=UTC)),
        # Left out: the clocks go from 2:00 to 3:00.
        (datetime(2026, 3, 29, 2), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 3, 29, 2, 59), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        (datetime(2026, 3, 29, 3), datetime(2026, 3, 29, 1, tzinfo=UTC)),
        # Shown twice: the clocks go from 3:00 back to 2:00.
        (datetime(2026, 10, 25, 2, 30), datetime(2026, 10, 25, 0, 30, tzinfo=UTC)),
    ],
)
def test_names_the_first_instant_of_what_the_clocks_show(wall, instant):
    assert zones.first_instant(wall, BERLIN) == instant


def test_a_whole_day_that_is_left_out_comes_with_the_next_one():
    apia = zones.find("Pacific/Apia")
    found = zones.first_instant(datetime(2011, 12, 30, 9), apia)
    assert zones.wall_at(found, apia) == datetime(2011, 12, 31)


def test_finds_the_second_at_which_the_clocks_change():
    start = datetime(2026, 1, 1, tzinfo=UTC)
    change = zones.first_change(start, start + timedelta(days=300), BERLIN)
    assert change == datetime(2026, 3, 29, 1, tzinfo=UTC)
    assert zones.first_change(start, start + timedelta(days=30), BERLIN) is None
    assert zones.wall_at(change, BERLIN).date() == date(2026, 3, 29)
