from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.workflows.display.durations import duration, span


@pytest.mark.parametrize(
    ("length", "text"),
    [
        (timedelta(milliseconds=120), "120 ms"),
        (timedelta(seconds=1), "1 s"),
        (timedelta(seconds=1.44), "1.4 s"),
        (timedelta(seconds=125), "2 min 5 s"),
        (timedelta(hours=3, minutes=20), "3 h 20 min"),
        (timedelta(days=3, hours=2), "3 days 2 h"),
    ],
)
def test_says_the_two_largest_units(length, text):
    assert span(length) == text


def test_what_has_not_ended_has_no_duration():
    assert duration(datetime.now(UTC), None) == duration(None, None) == ""


def test_a_clock_that_went_back_gives_nothing_negative():
    now = datetime.now(UTC)
    assert duration(now, now - timedelta(seconds=5)) == "0 ms"
