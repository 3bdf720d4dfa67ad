import json
import threading
import time

import pytest
import stripe

from stripeflow_site.standin.delivery import signature_header
from stripeflow_site.standin.driver import StandinError

from .conftest import SECRET


def signature(delivered):
    return delivered[0]["Stripe-Signature"]


def test_signature_is_that_of_the_sdk():
    ours = signature_header(b'{"a":1}', timestamp=1234, secrets=("whsec_a",))

    assert ours == stripe.WebhookSignature.generate_signature_header('{"a":1}', "whsec_a", timestamp=1234)


def test_sdk_accepts_a_delivery(standin, receiver):
    made = standin.payment(1000, customer="new")["event"]
    standin.wait_for_deliveries()

    events = [
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)
        for headers, body in receiver.received
    ]
    assert made["id"] in [event.id for event in events]


def test_sdk_refuses_a_delivery_of_another_secret(standin, receiver):
    event = standin.event("a.b", {"id": "x"}, deliver=False)
    standin.deliver(event["id"], secret="whsec_wrong")

    [(headers, body)] = receiver.received
    with pytest.raises(stripe.SignatureVerificationError):
        stripe.Webhook.construct_event(body, headers["Stripe-Signature"], SECRET)


def test_two_secrets_sign_during_a_rotation(standin, receiver):
    standin.set_webhook(secrets=["whsec_old", SECRET])
    standin.event("a.b", {"id": "x"})
    standin.wait_for_deliveries()

    [(headers, body)] = receiver.received
    for secret in ("whsec_old", SECRET):
        assert stripe.Webhook.construct_event(body, headers["Stripe-Signature"], secret).type == "a.b"


def test_control_call_events_and_api_events_are_delivered(api, standin, receiver):
    api.customers.create({"name": "A"})
    standin.payment(1000)
    standin.wait_for_deliveries()

    assert sorted(receiver.types) == [
        "charge.succeeded",
        "customer.created",
        "payment_intent.created",
        "payment_intent.succeeded",
    ]


def test_api_events_can_be_switched_off(api, standin, receiver):
    standin.set_webhook(api_events=False)
    api.customers.create({"name": "A"})
    event = standin.event("a.b", {"id": "x"})
    standin.wait_for_deliveries()

    assert receiver.ids == [event["id"]]


def test_only_enabled_events_are_delivered(standin, receiver):
    standin.set_webhook(enabled_events=["payment_intent.succeeded"])
    standin.payment(1000)
    standin.wait_for_deliveries()

    assert receiver.types == ["payment_intent.succeeded"]


def test_without_a_url_nothing_is_delivered(standin):
    standin.payment(1000)

    assert standin.deliveries() == []


def test_failed_delivery_is_tried_again(standin, receiver):
    receiver.statuses = [500, 404]
    event = standin.event("a.b", {"id": "x"})
    [delivery] = standin.wait_for_deliveries()

    assert delivery["status"] == "delivered"
    assert [attempt["http_status"] for attempt in delivery["attempts"]] == [500, 404, 200]
    assert receiver.ids == [event["id"]] * 3


def test_delivery_is_given_up_after_its_attempts(standin, receiver):
    receiver.statuses = [500] * 5
    standin.event("a.b", {"id": "x"})
    [delivery] = standin.wait_for_deliveries()

    assert (delivery["status"], len(delivery["attempts"])) == ("failed", 3)


def test_unreachable_webhook_is_a_failed_delivery(standin):
    standin.set_webhook(url="http://127.0.0.1:9/", max_attempts=1)
    standin.event("a.b", {"id": "x"})
    [delivery] = standin.wait_for_deliveries()

    assert delivery["status"] == "failed"
    assert "ConnectionRefusedError" in delivery["attempts"][0]["error"]


def test_redelivery_is_signed_afresh(standin, receiver):
    event = standin.event("a.b", {"id": "x"}, deliver=False)
    standin.deliver(event["id"], timestamp=int(time.time()) - 100)
    standin.deliver(event["id"])

    old, new = receiver.received
    assert old[1] == new[1]
    assert signature(old) != signature(new)


def test_timestamp_of_a_signature_can_be_given(standin, receiver):
    event = standin.event("a.b", {"id": "x"}, deliver=False)
    standin.deliver(event["id"], timestamp=1000)

    assert signature(receiver.received[0]).startswith("t=1000,v1=")


def test_body_can_be_replaced(standin, receiver):
    event = standin.event("a.b", {"id": "x"}, deliver=False)
    standin.deliver(event["id"], body="null")

    headers, body = receiver.received[0]
    assert body == b"null"
    assert stripe.WebhookSignature.verify_header("null", headers["Stripe-Signature"], SECRET, 300)


def test_copies_are_delivered_at_once(standin, receiver):
    receiver.gate = threading.Barrier(20, timeout=10)
    event = standin.event("a.b", {"id": "x"}, deliver=False)

    deliveries = standin.deliver(event["id"], 20)

    assert [delivery["status"] for delivery in deliveries] == ["delivered"] * 20
    assert receiver.most_at_once == 20


def test_eighty_deliveries_run_at_once(standin, receiver):
    receiver.gate = threading.Barrier(80, timeout=20)
    for number in range(80):
        standin.event("a.b", {"id": str(number)})
    standin.wait_for_deliveries()

    assert receiver.most_at_once == 80
    assert len(set(receiver.ids)) == 80


def test_duplicates_are_delivered_as_asked(standin, receiver):
    standin.faults("duplicate", times=3, event_type="a.", count=1)
    first, second = standin.event("a.b", {"id": "x"}), standin.event("a.b", {"id": "x"})
    standin.wait_for_deliveries()

    assert receiver.ids.count(first["id"]) == 3
    assert receiver.ids.count(second["id"]) == 1


def test_shuffled_deliveries_arrive_in_another_order(standin, receiver):
    standin.faults("shuffle", seconds=0.5)
    made = [standin.event("a.b", {"id": str(number)})["id"] for number in range(20)]
    standin.wait_for_deliveries()

    assert sorted(receiver.ids) == sorted(made)
    assert receiver.ids != made


def test_raw_event_of_any_type_is_delivered(standin, receiver):
    event = standin.event(
        "anything.at_all",
        {"id": "x", "text": "\u0000"},
        account="acct_1Other",
        livemode=True,
        previous_attributes={"text": "a"},
        idempotency_key="the-key",
    )
    standin.wait_for_deliveries()

    assert receiver.events == [event]
    assert (event["account"], event["livemode"]) == ("acct_1Other", True)


def test_unknown_event_cannot_be_delivered(standin, receiver):
    with pytest.raises(StandinError, match="no event evt_none"):
        standin.deliver("evt_none")


def test_pending_deliveries_are_not_settled(standin, receiver):
    receiver.gate = threading.Event()
    event = standin.event("a.b", {"id": "x"})
    with pytest.raises(StandinError, match="pending"):
        standin.wait_for_deliveries(0.1)
    receiver.gate.set()

    assert [delivery["event"] for delivery in standin.wait_for_deliveries()] == [event["id"]]


def test_body_is_json_of_the_event(standin, receiver):
    event = standin.event("a.b", {"id": "x"})
    standin.wait_for_deliveries()

    assert json.loads(receiver.received[0][1]) == event


def test_reset_gives_up_what_waits(standin, receiver, until):
    standin.set_webhook(retry_seconds=120)
    receiver.statuses = [500]
    standin.event("a.b", {"id": "x"})
    until(lambda: standin.deliveries()[0]["attempts"])
    standin.reset()

    assert standin.wait_for_deliveries(5) == []
    assert len(receiver.received) == 1
