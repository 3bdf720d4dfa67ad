import pytest
import stripe

from stripeflow.actions.errors import Throttled
from stripeflow.actions.models import CallBudget
from stripeflow.actions.rate_limit import LimitedClient, take_place

pytestmark = pytest.mark.django_db

CHARGE = "https://api.example.com/v1/charges/ch_1"


class Clock:
    """Time that passes only by sleeping."""

    def __init__(self):
        self.now = 1_000_000.25
        self.slept = []

    def sleep(self, seconds):
        self.slept.append(seconds)
        self.now += seconds

    def take(self, url=CHARGE, *, live=False, account="", sleep=None):
        clock = {"now": lambda: self.now, "sleep": sleep or self.sleep}
        take_place("get", url, live=live, account=account, **clock)


@pytest.fixture
def clock(settings):
    settings.STRIPEFLOW = {
        **settings.STRIPEFLOW,
        "STRIPE_CALLS_PER_SECOND_ENDPOINT": 2,
        "STRIPE_CALLS_PER_SECOND_TEST": 3,
        "STRIPE_CALLS_PER_SECOND_LIVE": 30,
        "STRIPE_CALLS_PER_SECOND_TEST_ALL_ACCOUNTS": 5,
    }
    return Clock()


def test_a_place_that_is_free_is_taken_at_once(clock):
    clock.take()
    clock.take()
    assert clock.slept == []


def test_the_next_call_waits_for_the_next_second(clock):
    for _ in range(3):
        clock.take()
    assert clock.slept == [pytest.approx(0.75)]


def test_a_call_that_finds_no_place_in_the_next_second_is_put_off(clock):
    def crowded(seconds):
        clock.sleep(seconds)
        CallBudget.objects.update(second=int(clock.now), used=99)

    clock.take()
    clock.take()
    with pytest.raises(Throttled) as caught:
        clock.take(sleep=crowded)
    assert 1 <= caught.value.retry_after <= 5


def test_calls_for_different_objects_share_the_limit_of_their_endpoint(clock):
    for number in range(3):
        clock.take(f"https://api.example.com/v1/charges/ch_{number}", live=True)
    assert len(clock.slept) == 1


def test_endpoints_share_the_limit_of_the_mode(clock):
    for name in ("charges", "customers", "refunds", "payouts"):
        clock.take(f"https://api.example.com/v1/{name}")
    assert len(clock.slept) == 1


def test_modes_do_not_share_a_limit(clock):
    for live in (True, False, True, False):
        clock.take(live=live)
    assert clock.slept == []


def test_accounts_do_not_share_a_limit(clock):
    for account in ("", "acct_1", "", "acct_1"):
        clock.take(account=account)
    assert clock.slept == []


def test_all_accounts_of_a_mode_share_its_ceiling(clock):
    for number in range(6):
        clock.take(account=f"acct_{number}")
    assert len(clock.slept) == 1


def test_a_call_takes_its_place_by_the_account_that_it_acts_as(clock, monkeypatch):
    asked = []
    monkeypatch.setattr(
        "stripeflow.actions.rate_limit.take_place", lambda *_args, **named: asked.append(named)
    )
    monkeypatch.setattr(stripe.RequestsClient, "request", lambda *_args: None)
    headers = {"Authorization": "Bearer sk_live_1", "Stripe-Account": "acct_1"}
    LimitedClient().request("get", CHARGE, headers)
    LimitedClient().request("get", CHARGE, {"Authorization": "Bearer rk_test_1"})
    assert asked == [{"live": True, "account": "acct_1"}, {"live": False, "account": ""}]
