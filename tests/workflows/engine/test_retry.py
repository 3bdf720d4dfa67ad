from datetime import UTC, datetime, timedelta

import pytest

from workflows.engine.retry import RetryPolicy

NOW = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = RetryPolicy(max_attempts=5, base=2.0, cap=10.0)


@pytest.mark.parametrize(
    ("attempts", "retry_after", "jitter", "seconds"),
    [
        (1, None, 1.0, 2),
        (2, None, 1.0, 4),
        (3, None, 1.0, 8),
        (4, None, 1.0, 10),
        (1, None, 0.0, 0),
        (3, None, 0.5, 4),
        (1, 30.0, 1.0, 30),
        (4, 1.0, 1.0, 10),
        (1, 0.0, 0.0, 0),
    ],
)
def test_waits_longer_each_time_up_to_the_cap(attempts, retry_after, jitter, seconds):
    due = POLICY.next_attempt(attempts=attempts, now=NOW, retry_after=retry_after, jitter=jitter)
    assert due == NOW + timedelta(seconds=seconds)


@pytest.mark.parametrize("attempts", [5, 6, 1000])
def test_gives_up_after_the_last_attempt(attempts):
    assert POLICY.next_attempt(attempts=attempts, now=NOW, retry_after=None, jitter=1.0) is None


def test_stays_finite_after_very_many_attempts():
    policy = RetryPolicy(max_attempts=10**9, base=2.0, cap=900.0)
    assert policy.next_attempt(attempts=10**6, now=NOW, retry_after=None, jitter=1.0) == NOW + timedelta(
        seconds=900
    )
