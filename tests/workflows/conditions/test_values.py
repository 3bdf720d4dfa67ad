import pytest

from stripeflow.workflows.conditions.values import MAX_DAYS, Span, read_span


@pytest.mark.parametrize(
    ("value", "seconds", "told"),
    [
        (1, 86_400, "1 day"),
        (30, 30 * 86_400, "30 days"),
        (0.25, 21_600, "6 hours"),
        (0.5 / 24, 1_800, "30 minutes"),
        (0.3, 25_920, "432 minutes"),
        ({"days": 2}, 172_800, "2 days"),
        ({"hours": 36}, 129_600, "36 hours"),
        ({"hours": 1.5}, 5_400, "90 minutes"),
        ({"minutes": 1}, 60, "1 minute"),
        (MAX_DAYS, MAX_DAYS * 86_400, "36500 days"),
    ],
)
def test_reads_a_length_of_time(value, seconds, told):
    span = read_span(value)
    assert span.seconds == seconds
    assert str(span.plainest) == told


@pytest.mark.parametrize(
    "value",
    [
        *(0, -1, MAX_DAYS + 1, True, "2", None, [2], float("nan"), float("inf"), 10**400, {}),
        *({"hours": 0}, {"hours": "6"}, {"hours": True}, {"weeks": 1}, {"hours": 1, "minutes": 2}),
    ],
)
def test_what_is_no_length_of_time_is_none(value):
    assert read_span(value) is None


def test_a_length_that_no_unit_counts_whole_stays_as_it_was_given():
    assert str(Span(0.7, "minutes").plainest) == "0.7 minutes"
