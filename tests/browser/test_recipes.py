"""The three recipes, built from nothing and from the gallery, run by signed events, read in the browser."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTE = ("Add a thank-you note", "Please add a handwritten note before shipping.")
LOOK = ("Please investigate", "The card's issuer suspects fraud.")
CUSTOMER_ROW = ("Customer", "payment customer id", "Customer ID", "{{ trigger.customer }}")
AMOUNT_ROW = ("Paid", "amount", "Amount", "{{ trigger.amount | money }}")
RETRIEVED = "steps.retrieve_a_charge"


def box(editor, label):
    return editor.page.get_by_label(label, exact=True)


def build_large_order(editor, name):
    """The trigger and the e-mail that the first two recipes share."""
    editor.new_workflow(name)
    editor.trigger("payment intent succ", "Payment intent succeeded")
    editor.condition("Amount", "is greater than", "1,000")
    expect(editor.card("Payment intent succeeded")).to_contain_text("If amount is greater than $1,000.00 USD")
    editor.add_step("Email a team member")
    editor.email("packer", *NOTE, CUSTOMER_ROW, AMOUNT_ROW, name="Ask for a note")


def build_valuable_customers(editor, name):
    build_large_order(editor, name)
    editor.add_branch()
    editor.condition("Amount", "is greater than", "2,000")
    editor.add_step("Update a customer", within="If amount is greater than $2,000.00 USD")
    editor.insert(box(editor, "Customer ID"), "customer id", "Customer ID", "{{ trigger.customer }}")
    box(editor, "Key").first.fill("Tier")
    box(editor, "Value").first.fill("VIP")
    editor.save()


def build_fraud_warnings(editor, name):
    editor.new_workflow(name)
    editor.trigger("warning created fraud", "Early fraud warning created")
    editor.link("Cancel")
    editor.add_step("Retrieve a charge")
    editor.insert(box(editor, "Charge ID"), "charge", "Charge ID", "{{ trigger.charge }}")
    editor.save()
    editor.add_branch()
    editor.condition("Amount", "is less than", "15")
    editor.add_step("Create a refund", within="If Retrieve a charge")
    # By Enter alone: whoever is quick must not refund something else.
    editor.insert_best(box(editor, "Charge ID"), "retrieve charge id", "{{ %s.id }}" % RETRIEVED)
    editor.insert(box(editor, "Amount"), "retrieve amount", "Amount", "{{ %s.amount }}" % RETRIEVED)
    expect(box(editor, "Reason").locator("option:checked")).to_have_text("Unspecified")
    editor.save()
    editor.add_step("Email a team member", within="All other cases")
    charge = ("Charge", "retrieve charge id", "Charge ID", "{{ %s.id }}" % RETRIEVED)
    amount = ("Amount", "retrieve amount", "Amount", "{{ %s.amount | money }}" % RETRIEVED)
    editor.email("investigator", *LOOK, charge, amount, name="Ask to investigate")


def read_note(editor, house, workflow, name):
    """Pay, and read on the run's page what was sent."""
    made = house.pay(100_001)
    run = house.wait_for_run(made["event"]["id"], workflow)
    editor.open_run(made["event"]["id"], name)
    card = editor.card("Ask for a note")
    expect(card).to_contain_text("Succeeded")
    expect(card).to_contain_text(made["payment_intent"]["customer"])
    expect(card).to_contain_text("$1,000.01")
    assert [mail.to for mail in house.mails_of(run)] == [("packer@example.com",)]


def test_personalizes_orders(editor, house):
    build_large_order(editor, "Personalize by hand")
    read_note(editor, house, editor.activate(), "Personalize by hand")


def test_personalizes_orders_without_scripts(plain_editor, house):
    build_large_order(plain_editor, "Personalize plainly")
    read_note(plain_editor, house, plain_editor.activate(), "Personalize plainly")


def test_tags_valuable_customers(editor, house):
    build_valuable_customers(editor, "Tag by hand")
    workflow = editor.activate()
    made = house.pay(200_001)
    run = house.wait_for_run(made["event"]["id"], workflow)
    editor.open_run(made["event"]["id"], "Tag by hand")
    expect(editor.decision("Taken")).to_contain_text("amount is greater than $2,000.00 USD")
    expect(editor.card("Update a customer")).to_contain_text("VIP")
    customer = house.standin.object(made["payment_intent"]["customer"])
    assert customer["metadata"] == {"Tier": "VIP"}
    assert len(house.mails_of(run)) == 1


def test_acts_on_fraud_warnings(editor, house):
    build_fraud_warnings(editor, "Fraud by hand")
    workflow = editor.activate()
    small, large = house.warn(1_499), house.warn(1_500)
    runs = [house.wait_for_run(made["event"]["id"], workflow) for made in (small, large)]
    editor.open_run(small["event"]["id"], "Fraud by hand")
    expect(editor.decision("Taken")).to_contain_text("is less than $15.00 USD")
    expect(editor.card("Create a refund")).to_contain_text("$14.99")
    editor.open_run(large["event"]["id"], "Fraud by hand")
    expect(editor.decision("Taken")).to_contain_text("All other cases")
    expect(editor.card("Ask to investigate")).to_contain_text("$15.00")
    assert [len(house.effects_of(run)) for run in runs] == [1, 0]
    assert [len(house.mails_of(run)) for run in runs] == [0, 1]


def test_activates_a_template_in_a_few_clicks(editor, house):
    editor.open_list("Workflows")
    editor.link("New from template")
    editor.link("Take action based on fraud warnings")
    editor.button("Make my workflow")
    workflow = editor.activate()
    made = house.warn(1_499)
    run = house.wait_for_run(made["event"]["id"], workflow)
    editor.open_run(made["event"]["id"], "Take action based on fraud warnings")
    expect(editor.card("Refund the charge")).to_contain_text("Succeeded")
    assert len(house.effects_of(run)) == 1
