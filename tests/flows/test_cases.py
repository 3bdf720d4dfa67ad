"""The three workflows at both sides of their conditions."""

import pytest

from tests.flows.installation import step_of


@pytest.mark.parametrize(
    ("amount", "currency"),
    [(100_000, "usd"), (500_000, "eur"), (5_000, "jpy")],
    ids=["USD 1,000.00", "EUR 5,000.00", "JPY 5,000"],
)
@pytest.mark.parametrize("template", ["personalize_orders", "tag_customers"])
def test_payment_that_is_not_above_1000_dollars_starts_nothing(house, template, amount, currency):
    workflow = house.activate_template(template)
    event = house.pay(amount, currency)["event"]["id"]
    assert house.why(event, workflow)["run"] is None
    assert house.runs(event, workflow) == []


def test_personalize_orders_asks_for_a_note(house):
    workflow = house.activate_template("personalize_orders")
    paid = house.pay(100_001)
    run = house.wait_for_run(paid["event"]["id"], workflow)
    [mail] = house.mails_of(run)
    assert run["status"] == "succeeded"
    assert mail.to == ("packer@example.com",)
    assert mail.row("Customer ID") == paid["payment_intent"]["customer"]
    assert mail.row("Amount") == "$1,000.01 USD"


def test_history_tells_what_the_trigger_saw(house):
    workflow = house.activate_template("personalize_orders")
    run = house.wait_for_run(house.pay(100_001)["event"]["id"], workflow)
    [test] = run["explanation"]["children"]
    assert (test["truth"], test["seen"]) == ("met", 100_001)


def test_tag_leaves_a_smaller_payment_untagged(house):
    workflow = house.activate_template("tag_customers")
    run = house.wait_for_run(house.pay(200_000)["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert step_of(run, "is_valuable")["branch"] == "otherwise"
    assert len(house.mails_of(run)) == 1
    assert house.effects_of(run) == []


def test_tag_makes_the_customer_a_vip(house):
    workflow = house.activate_template("tag_customers")
    paid = house.pay(200_001)
    run = house.wait_for_run(paid["event"]["id"], workflow)
    [effect] = house.effects_of(run)
    assert run["status"] == "succeeded"
    assert step_of(run, "is_valuable")["branch"] == "valuable"
    assert len(house.mails_of(run)) == 1
    assert effect["effect"] == "customer.updated"
    assert house.standin.object(paid["payment_intent"]["customer"])["metadata"] == {"Tier": "VIP"}


def test_guest_in_tag_is_thanked_and_not_tagged(house):
    workflow = house.activate_template("tag_customers")
    run = house.wait_for_run(house.pay(200_001, customer=None)["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert step_of(run, "is_valuable")["branch"] == "otherwise"
    assert step_of(run, "email_team")["status"] == "succeeded"
    assert len(house.mails_of(run)) == 1
    assert house.effects_of(run) == []


def test_fraud_warning_on_a_small_charge_refunds_it(house):
    workflow = house.activate_template("fraud_warnings")
    warned = house.warn(1_499)
    run = house.wait_for_run(warned["event"]["id"], workflow)
    [effect] = house.effects_of(run)
    assert run["status"] == "succeeded"
    assert step_of(run, "is_small")["branch"] == "small"
    assert (effect["effect"], effect["data"]["amount"]) == ("refund.created", 1_499)
    assert effect["data"]["charge"] == warned["charge"]["id"]
    assert house.mails_of(run) == []


def test_fraud_warning_on_a_charge_that_was_refunded_in_part_refunds_the_rest(house):
    workflow = house.activate_template("fraud_warnings")
    charge = house.standin.payment(1_400, customer="new", charge={"amount_refunded": 500})["charge"]
    event = house.standin.fraud_warning(charge["id"])["event"]
    run = house.wait_for_run(event["id"], workflow)
    [effect] = house.effects_of(run)
    assert (effect["effect"], effect["data"]["amount"]) == ("refund.created", 900)
    note = step_of(run, "refund_charge")["outputs"]["note"]
    assert "$5.00 USD had been refunded before" in note


def test_fraud_warning_at_the_dispute_fee_asks_to_investigate(house):
    workflow = house.activate_template("fraud_warnings", recipients=["investigator"])
    warned = house.warn(1_500)
    run = house.wait_for_run(warned["event"]["id"], workflow)
    [mail] = house.mails_of(run)
    assert step_of(run, "is_small")["branch"] == "otherwise"
    assert mail.to == ("investigator@example.com",)
    assert mail.row("Charge ID") == warned["charge"]["id"]
    assert mail.row("Amount") == "$15.00 USD"
    assert house.effects_of(run) == []


def test_templates_take_their_parameters(house):
    fee = {"amount": 2_000, "currency": "usd"}
    workflow = house.activate_template("fraud_warnings", dispute_fee=fee)
    run = house.wait_for_run(house.warn(1_999)["event"]["id"], workflow)
    assert [effect["data"]["amount"] for effect in house.effects_of(run)] == [1_999]


def test_workflows_run_with_a_valkey_broker(on_valkey):
    workflow = on_valkey.activate_template("fraud_warnings")
    run = on_valkey.wait_for_run(on_valkey.warn(1_499)["event"]["id"], workflow)
    assert run["status"] == "succeeded"
    assert [effect["effect"] for effect in on_valkey.effects_of(run)] == ["refund.created"]
