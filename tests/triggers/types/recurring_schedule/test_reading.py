from datetime import UTC, datetime

import pytest

from stripeflow.triggers.types.recurring_schedule import reading

NOW = datetime(2026, 11, 29, 12, tzinfo=UTC)
DAILY = {"repeats": "daily", "time_of_day": "09:00"}
HOURLY = {"repeats": "hours", "every": 1}


@pytest.mark.parametrize("zone", ["America/New_York", "Asia/Tokyo", "UTC"])
@pytest.mark.parametrize("repeats", [DAILY, HOURLY])
@pytest.mark.parametrize("name", ["starts", "ends"])
@pytest.mark.parametrize(
    "text", ["9999-12-31T23:59", "9999-12-31T23:00", "0001-01-01T00:00", "2201-01-01T00:00"]
)
def test_a_moment_that_is_too_far_away_is_a_problem(zone, repeats, name, text):
    settings = {**repeats, "time_zone": zone, name: text}
    assert name in [one.path for one in reading.problems(settings, now=NOW)]
    assert reading.upcoming(settings, now=NOW) == []


@pytest.mark.parametrize("zone", ["Pacific/Kiritimati", "Pacific/Pago_Pago"])
@pytest.mark.parametrize("repeats", [DAILY, HOURLY])
def test_the_first_and_the_last_moment_are_reckoned_with(zone, repeats):
    settings = {**repeats, "time_zone": zone, "starts": "1970-01-01T00:00", "ends": "2200-12-31T23:59"}
    assert list(reading.problems(settings, now=NOW)) == []
    last = datetime(2200, 12, 31, 20, tzinfo=UTC)
    assert len(reading.upcoming({**settings, "starts": "2200-12-31T23:00"}, now=last)) <= 5


@pytest.mark.parametrize("days", [[310], [40], [0]])
def test_a_day_that_no_month_has_is_a_problem(days):
    settings = {"repeats": "dates", "days_of_month": days, "time_of_day": "09:00"}
    assert [one.code for one in reading.problems(settings)] == ["invalid"]
    assert reading.upcoming(settings, now=NOW) == []
