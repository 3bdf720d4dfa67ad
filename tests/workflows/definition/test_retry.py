from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stripeflow.workflows.definition.retry import RetryPolicy, contradictions

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)
POLICY = RetryPolicy(max_attempts=5, base=2.0, cap=10.0, total=100.0)


def pause(policy, *, attempts, after=0.0, retry_after=None, jitter=1.0):
    """Seconds until the next attempt, `after` seconds since the first one; None if there is none."""
    now = BEGAN + timedelta(seconds=after)
    due = policy.next_attempt(attempts=attempts, began=BEGAN, now=now, retry_after=retry_after, jitter=jitter)
    return due and (due - now).total_seconds()


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
    assert pause(POLICY, attempts=attempts, retry_after=retry_after, jitter=jitter) == seconds


@pytest.mark.parametrize(
    ("after", "retry_after", "jitter", "seconds"),
    [
        (90.0, None, 1.0, 10),
        (91.0, None, 1.0, None),
        (91.0, None, 0.9, 9),
        (91.0, 9.0, 0.0, 9),
        (0.0, 100.0, 0.0, 100),
        (0.0, 100.1, 0.0, None),
        (0.0, 1e300, 0.0, None),
        (100.0, None, 0.0, 0),
        (100.1, None, 0.0, None),
        (10**6, None, 0.0, None),
    ],
)
def test_a_pause_that_leads_beyond_the_total_time_ends_the_tries(after, retry_after, jitter, seconds):
    assert pause(POLICY, attempts=4, after=after, retry_after=retry_after, jitter=jitter) == seconds


@pytest.mark.parametrize("attempts", [5, 6, 1000])
def test_gives_up_after_the_last_attempt(attempts):
    assert pause(POLICY, attempts=attempts) is None


def test_stays_finite_after_very_many_attempts():
    policy = RetryPolicy(max_attempts=10**9, base=2.0, cap=900.0)
    assert pause(policy, attempts=10**6) == 900


seconds = st.floats(min_value=0.001, max_value=604_800)
policies = st.builds(RetryPolicy, max_attempts=st.integers(1, 100), base=seconds, cap=seconds, total=seconds)


@given(
    policies,
    st.integers(1, 200),
    st.floats(0, 10**6),
    st.none() | st.floats(0, 1e12),
    st.floats(0, 1),
)
def test_never_past_the_total_and_never_before_it_was_asked_to(policy, attempts, after, asked, jitter):
    now = BEGAN + timedelta(seconds=after)
    due = policy.next_attempt(attempts=attempts, began=BEGAN, now=now, retry_after=asked, jitter=jitter)
    latest = BEGAN + timedelta(seconds=policy.total)
    if due is None:
        longest = max(policy.cap, asked or 0.0)
        assert attempts >= policy.max_attempts or longest > (latest - now).total_seconds()
        return
    assert attempts < policy.max_attempts
    assert now <= due <= latest
    assert (due - now).total_seconds() >= (asked or 0.0) - 1e-6
    assert (due - now).total_seconds() <= max(policy.cap, asked or 0.0) + 1e-6


def test_a_step_has_its_own_values_and_the_rest_of_the_installation():
    own = POLICY.with_own({"cap_seconds": 5, "total_seconds": 60})
    assert own == RetryPolicy(max_attempts=5, base=2.0, cap=5, total=60)
    assert POLICY.with_own({"max_attempts": 1, "base_seconds": 3}) == RetryPolicy(1, 3, 10.0, 100.0)
    assert POLICY.with_own({}) == POLICY


@pytest.mark.parametrize(
    ("own", "found"),
    [
        ({}, []),
        ({"base_seconds": 10}, []),
        ({"base_seconds": 11}, [("cap_seconds", "cap_below_base")]),
        ({"total_seconds": 2}, []),
        ({"total_seconds": 1}, [("total_seconds", "total_below_base")]),
        ({"total_seconds": 82_799}, []),
        ({"total_seconds": 82_800}, [("total_seconds", "total_beyond_key")]),
    ],
)
def test_contradictions(own, found):
    assert list(contradictions(POLICY.with_own(own))) == found
