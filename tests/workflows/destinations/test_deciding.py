from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.workflows.destinations.deciding import ATTEMPTS, DELAYS, JITTER, Decision, Result, decide
from stripeflow.workflows.states import DeliveryStatus

NOW = datetime(2026, 11, 30, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def test_all_attempts_take_about_three_days():
    assert ATTEMPTS == 10
    assert timedelta(hours=75) < sum(DELAYS, timedelta()) < timedelta(hours=76)


@pytest.mark.parametrize("code", [200, 201, 202, 204, 299])
@pytest.mark.parametrize("attempts", [1, ATTEMPTS])
def test_2xx_is_delivered(code, attempts):
    decision = decide(Result(code), attempts=attempts, now=NOW)
    assert decision == Decision(DeliveryStatus.DELIVERED)


@pytest.mark.parametrize(
    "result",
    [
        *(Result(code) for code in (100, 301, 302, 307, 308, 400, 401, 403, 404, 409, 422, 429, 500, 503)),
        Result(error="example.com could not be reached."),
    ],
)
@pytest.mark.parametrize("attempts", range(1, ATTEMPTS))
def test_everything_else_is_sent_again_until_there_were_enough(result, attempts):
    decision = decide(result, attempts=attempts, now=NOW)
    assert decision == Decision(DeliveryStatus.PENDING, NOW + DELAYS[attempts])
    later = decide(result, attempts=attempts, now=NOW, jitter=1.0)
    assert later.next_at == NOW + DELAYS[attempts] * (1 + JITTER)
    assert decide(result, attempts=ATTEMPTS, now=NOW) == Decision(DeliveryStatus.FAILED)


def test_410_is_the_end():
    assert decide(Result(410), attempts=1, now=NOW) == Decision(DeliveryStatus.FAILED)


@pytest.mark.parametrize(
    ("attempts", "asked", "next_in"),
    [(1, 3600, HOUR), (1, 1, timedelta(seconds=5)), (4, 60, timedelta(hours=2)), (2, 86_400, 24 * HOUR)],
)
def test_it_waits_at_least_as_long_as_the_destination_asks_for(attempts, asked, next_in):
    decision = decide(Result(429, retry_after=asked), attempts=attempts, now=NOW)
    assert decision.next_at == NOW + next_in
    assert decision.resume_at == NOW + timedelta(seconds=asked)
