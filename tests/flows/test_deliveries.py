"""What Stripe may send, and how often."""

from stripeflow_site.standin import payloads
from tests.flows.installation import next_second, step_of
from tests.workflows.documents import action, document

COPIES = 5


def test_copies_of_an_event_have_one_effect(house):
    personalize = house.activate_template("personalize_orders")
    tag = house.activate_template("tag_customers")
    event = house.pay(200_001, deliver=False)["event"]["id"]
    delivered = house.standin.deliver(event, times=COPIES)
    runs = [house.wait_for_run(event, workflow) for workflow in (personalize, tag)]
    again = house.standin.deliver(event)
    house.wait_for_end()
    statuses = [delivery["attempts"][-1]["http_status"] for delivery in delivered + again]
    assert statuses == [200] * (COPIES + 1)
    assert [len(house.runs(event, workflow)) for workflow in (personalize, tag)] == [1, 1]
    assert [len(house.mails_of(run)) for run in runs] == [1, 1]
    assert [len(house.effects_of(run)) for run in runs] == [0, 1]


def test_thin_event_starts_a_run_once_a_worker_has_fetched_it(house):
    type_ = "v1.billing.meter.error_report_triggered"
    workflow = house.activate_document(
        document(
            action("mail", "email.team_member", to=["admin"], subject="s", body="{{ trigger.display_name }}"),
            event_type=type_,
        )
    )
    meter = {"id": "mtr_1", "object": "billing.meter", "display_name": "Tokens", "livemode": False}
    event = house.standin.thin_event(type_, meter, deliver=False)["id"]
    house.standin.deliver(event, times=2)
    run = house.wait_for_run(event, workflow)
    assert run["status"] == "succeeded"
    assert step_of(run, "mail")["inputs"]["body"] == "Tokens"
    found = house.api.event(event)
    assert (found["fetch_state"], found["object_id"]) == ("done", "mtr_1")


def test_event_for_no_active_workflow_is_kept(house):
    event = house.pay(200_001)["event"]["id"]
    [delivery] = house.deliveries_of(event)
    assert delivery["attempts"][0]["http_status"] == 200
    assert house.api.event(event)["type"] == "payment_intent.succeeded"
    assert house.api.results("runs/", event_id=event) == []


def test_event_from_before_the_activation_starts_nothing(house):
    event = house.pay(200_001, deliver=False)["event"]["id"]
    next_second()
    workflow = house.activate_template("personalize_orders")
    house.standin.deliver(event)
    house.wait_for_event(event)
    assert house.why(event, workflow)["reason"] == "before_activation"
    assert house.runs(event, workflow) == []


def test_missing_field_leaves_the_condition_unknown(house):
    workflow = house.activate_template("personalize_orders")
    payment = payloads.payment_intent(amount=200_001, currency="usd")
    del payment["amount"]
    verdict = house.why(house.post_event("payment_intent.succeeded", payment), workflow)
    [test] = verdict["explanation"]["children"]
    assert (verdict["reason"], verdict["run"]) == ("unknown", None)
    assert test["truth"] == "unknown"
    assert "Amount" in test["reason"]


def test_nul_in_a_string_runs(house):
    workflow = house.activate_template("personalize_orders")
    payment = payloads.payment_intent(amount=200_001, currency="usd", description="a\x00b")
    event = house.post_event("payment_intent.succeeded", payment)
    run = house.wait_for_run(event, workflow)
    assert run["status"] == "succeeded"
    assert len(house.mails_of(run)) == 1


def test_wrong_signature_is_refused_and_stored_nowhere(house):
    event = house.pay(200_001, deliver=False)["event"]["id"]
    [delivery] = house.standin.deliver(event, secret="whsec_of_somebody_else", max_attempts=1)
    assert delivery["attempts"][0]["http_status"] == 400
    assert house.api.event(event) is None


def test_reference_without_a_value_fails_the_step_by_name(house):
    workflow = house.activate_document(
        {
            "format": 1,
            "name": "Ask for the order",
            "trigger": {"type": "stripe_event", "event_type": "payment_intent.succeeded"},
            "steps": [
                email("first", "Tell first", "{{ trigger.id }}"),
                email("second", "Tell the order", "{{ trigger.metadata.order }}"),
            ],
        }
    )
    run = house.wait_for_run(house.pay(100)["event"]["id"], workflow)
    failed = step_of(run, "second")
    assert run["status"] == failed["status"] == "failed"
    assert (failed["name"], run["error"]["step"]) == ("Tell the order", "second")
    assert failed["error"]["details"]["path"] == "trigger.metadata.order"
    assert step_of(run, "first")["status"] == "succeeded"
    assert len(house.mails_of(run)) == 1


def email(key, name, body):
    return {
        "key": key,
        "type": "action",
        "name": name,
        "action": "email.team_member",
        "on_error": "stop",
        "inputs": {"to": ["packer"], "subject": "About a payment", "body": body},
    }
