import json

import pytest

from stripeflow_site.standin.driver import StandinError


def test_health_tells_how_it_is_set_up(standin):
    health = standin.health()

    assert health["ok"] is True
    assert health["webhook"]["secrets"] == 1


def test_payment_of_a_guest_has_no_customer(standin):
    made = standin.payment(1000)

    assert made["payment_intent"]["customer"] is None
    assert made["charge"]["customer"] is None


def test_payment_returns_its_event(standin):
    made = standin.payment(5000, "jpy", customer="new", metadata={"order": "7"})

    intent = made["event"]["data"]["object"]
    assert made["event"]["type"] == "payment_intent.succeeded"
    assert (intent["amount"], intent["currency"], intent["metadata"]) == (5000, "jpy", {"order": "7"})


def test_payment_of_an_account_and_mode(standin):
    made = standin.payment(1000, account="acct_1Other", livemode=True)

    assert made["event"]["account"] == "acct_1Other"
    assert made["charge"]["livemode"] is True


@pytest.mark.parametrize("fields", [{"amount": 0}, {"amount": "5"}, {"amount": 5, "colour": "red"}])
def test_payment_that_cannot_be_is_refused(standin, fields):
    with pytest.raises(StandinError):
        standin.payment(**fields)


def test_customer_of_unknown_fields_is_refused(standin):
    with pytest.raises(StandinError, match="nickname"):
        standin.create_customer(nickname="A")


def test_control_made_events_name_no_request(standin):
    event = standin.payment(1000)["event"]

    assert event["request"] == {"id": None, "idempotency_key": None}


def test_created_of_an_event_can_be_given(standin):
    assert standin.event("a.b", {"id": "x"}, created=1000)["created"] == 1000


def test_a_clock_that_was_moved_on_is_set_back(standin):
    now = standin.reset_clock()
    assert standin.advance_clock(3600) > now + 3599
    assert standin.reset_clock() < now + 3599


def test_events_follow_the_clock(standin):
    now = standin.advance_clock(10 * 24 * 3600)

    assert standin.event("a.b", {"id": "x"})["created"] == pytest.approx(now, abs=5)


def test_reset_forgets_objects_events_and_effects(standin):
    charge = standin.payment(1000)["charge"]
    standin.reset()

    assert standin.events() == []
    assert standin.effects() == []
    with pytest.raises(StandinError, match="no object"):
        standin.object(charge["id"])


def test_ledger_can_be_read_from_a_line_on(standin):
    standin.payment(1000)
    last = standin.ledger()[-1]["seq"]
    standin.payment(1000)

    assert all(entry["seq"] > last for entry in standin.ledger(after=last))


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "/_control/nothing", "{}", 400),
        ("GET", "/_control/nothing", None, 400),
        ("POST", "/_control/payments", "{}", 400),
        ("POST", "/_control/payments", "[]", 400),
        ("POST", "/_control/payments", "{", 400),
        ("POST", "/_control/events", '{"type": "a.b", "object": {}, "colour": 1}', 400),
        ("DELETE", "/_control/faults", None, 405),
    ],
)
def test_bad_control_call_is_refused_with_a_sentence(http_call, method, path, body, status):
    answer, _, text = http_call(method, path, body=body, Content_Type="application/json")

    assert answer == status
    assert json.loads(text)["error"].endswith(".")
