import time

import pytest
import stripe

from stripeflow_site.standin.driver import StandinError


def test_latency_holds_a_reply(api, standin):
    standin.faults("latency", seconds=0.4, count=1)
    began = time.monotonic()
    api.accounts.retrieve_current()

    assert time.monotonic() - began >= 0.4


def test_clearing_faults_releases_who_waits(api, standin, in_thread, until):
    standin.faults("latency", seconds=60, count=1)
    waiting = in_thread(api.accounts.retrieve_current)
    until(lambda: standin.active_faults() == [])
    standin.clear_faults()

    assert waiting().object == "account"


def test_rate_limit_gives_retry_after(api, standin):
    standin.faults("rate_limit", count=1, retry_after=7)
    with pytest.raises(stripe.RateLimitError) as raised:
        api.accounts.retrieve_current()

    assert raised.value.headers["Retry-After"] == "7"
    assert raised.value.error.code == "rate_limit"


def test_fault_ends_with_its_count(api, standin):
    standin.faults("rate_limit", count=2)
    for _ in range(2):
        with pytest.raises(stripe.RateLimitError):
            api.accounts.retrieve_current()

    assert api.accounts.retrieve_current().object == "account"


def test_fault_without_a_count_stays_until_cleared(api, standin):
    fault = standin.faults("rate_limit")
    for _ in range(3):
        with pytest.raises(stripe.RateLimitError):
            api.accounts.retrieve_current()
    standin.clear_faults(fault["id"])

    assert api.accounts.retrieve_current().object == "account"


def test_fault_hits_its_method_only(api, standin):
    standin.faults("rate_limit", method="POST", path="/v1/customers")

    assert api.customers.list().data == []
    with pytest.raises(stripe.RateLimitError):
        api.customers.create({"name": "A"})


def test_fault_hits_its_path_only(api, standin):
    standin.faults("rate_limit", path="/v1/refunds")

    assert api.customers.list().data == []
    with pytest.raises(stripe.RateLimitError):
        api.refunds.list()


def test_fault_hits_a_pattern_of_paths(api, standin):
    intent = api.payment_intents.create({"amount": 100, "currency": "usd"})
    standin.faults("rate_limit", path="/v1/payment_intents/*/confirm")

    assert api.payment_intents.retrieve(intent.id).status == "requires_payment_method"
    with pytest.raises(stripe.RateLimitError):
        api.payment_intents.confirm(intent.id)


def test_error_before_the_effect_has_none(api, standin):
    standin.faults("error_before", count=1)
    with pytest.raises(stripe.APIError) as raised:
        api.customers.create({"name": "A"})

    assert raised.value.http_status == 500
    assert standin.effects() == []


def test_error_after_the_effect_has_it(api, standin):
    standin.faults("error_after", count=1, status=503)
    with pytest.raises(stripe.APIError) as raised:
        api.customers.create({"name": "A"})

    assert raised.value.http_status == 503
    assert len(standin.effects("customer.created")) == 1


def test_error_can_be_any_error_of_stripe(api, standin):
    standin.faults("error_before", count=1, status=402, code="card_declined", message="Declined.")
    with pytest.raises(stripe.CardError, match="Declined") as raised:
        api.refunds.create({"charge": "ch_1"})

    assert raised.value.code == "card_declined"


def test_lost_reply_has_its_effect(api, standin):
    standin.faults("lost_reply", method="POST", count=1)
    with pytest.raises(stripe.APIConnectionError):
        api.customers.create({"name": "A"}, {"idempotency_key": "the-key"})

    again = api.customers.create({"name": "A"}, {"idempotency_key": "the-key"})
    [effect] = standin.effects("customer.created")
    assert effect["id"] == again.id


def test_lost_reply_is_in_the_ledger(api, standin):
    standin.faults("lost_reply", count=1)
    with pytest.raises(stripe.APIConnectionError):
        api.accounts.retrieve_current()

    [entry] = standin.requests()
    assert (entry["status"], entry["reply"], entry["faults"]) == (200, "lost", ["lost_reply"])


def test_lost_request_has_no_effect(api, standin):
    standin.faults("lost_request", count=1)
    with pytest.raises(stripe.APIConnectionError):
        api.customers.create({"name": "A"})

    assert standin.effects() == []


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "storm"},
        {"kind": "latency", "times": 2},
        {"kind": "latency", "count": 0},
        {"kind": "latency", "count": True},
    ],
)
def test_unknown_fault_is_refused(standin, fault):
    with pytest.raises(StandinError):
        standin.faults(**fault)
