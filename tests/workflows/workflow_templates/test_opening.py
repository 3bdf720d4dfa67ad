"""A workflow becomes a template: people are asked for, and what names somebody is left out."""

import json

import pytest

from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.workflow_templates.opening import opened
from tests.workflows.documents import branch, compare, document, group, way

PRIVATE = (
    "anna",
    "bert",
    "Night shift",
    "shop-key",
    "cus_QZ81abc",
    "ch_1",
    "acct_1KxYz",
    "acct_2abc9",
    "we_1MabcDEF9",
    "ann@example.com",
    "boss@example.co.jp",
)


def step(key, action, **inputs):
    return {
        "key": key,
        "type": "action",
        "name": "",
        "action": action,
        "on_error": "stop",
        "inputs": {name.replace("__", "."): value for name, value in inputs.items()},
    }


def mail(key, to, **more):
    return step(
        key,
        "email.team_member",
        **{"to": to, "subject": "A large order", "body": "Look at {{ trigger.id }}.", **more},
    )


def approval(users, groups=()):
    inputs = {
        "question": "Go?",
        "users": users,
        "groups": list(groups),
        "needed": 1,
        "amount": 7,
        "unit": "days",
    }
    lanes = [{"key": key, "name": "", "steps": []} for key in ("declined", "timed_out")]
    return {"key": "ask", "type": "approval", "name": "Ask", "inputs": inputs, "branches": lanes}


def test_people_become_parameters_and_the_same_people_are_asked_for_once():
    made = opened(
        document(
            mail("one", ["anna", "bert"]),
            approval(["anna"]),
            mail("two", ["bert", "anna"]),
            mail("three", ["bert"]),
        )
    )
    assert [(one["kind"], one["places"]) for one in made.parameters] == [
        ("team_members", [["one", "to"], ["two", "to"]]),
        ("approvers", [["ask", "users"]]),
        ("team_members", [["three", "to"]]),
    ]
    assert [one["label"].split(": ")[0] for one in made.parameters][1] == "Ask"
    assert all(one["inputs"].get("to", []) == [] for one in made.document["steps"])
    assert made.left_empty == []


def test_nothing_that_names_somebody_is_left():
    customers = step("tag", "stripe.customers.update", customer="cus_QZ81abc", email="ann@example.com")
    refund = step(
        "refund",
        "stripe.refunds.create",
        charge="ch_1",
        metadata=[{"key": "by", "value": "boss@example.co.jp"}],
    )
    unknown = step("gone", "shop.no_such_action", to="anna", token={"secret": "shop-key"})
    noted = {
        "key": "note",
        "type": "note",
        "name": "For ann@example.com",
        "inputs": {"text": "See we_1MabcDEF9 now"},
    }
    whole = document(
        {**customers, "acts_as": "acct_1KxYz"},
        refund,
        unknown,
        noted,
        approval(["anna"], ["Night shift"]),
        mail("mail", ["bert"], subject='For {{ trigger.receipt_email | default("boss@example.co.jp") }}'),
        conditions=group(compare("trigger.customer", "equals", "cus_QZ81abc")),
    )
    whole["trigger"]["scope"] = {"mode": "live", "accounts": ["acct_2abc9"]}
    before = json.dumps(whole)
    made = opened(whole)
    kept = json.dumps(made.document, ensure_ascii=False)
    assert [one for one in PRIVATE if one in kept] == []
    told = json.dumps([made.left_empty, [one["label"] for one in made.parameters]], ensure_ascii=False)
    assert [one for one in PRIVATE if one in told] == []
    assert json.dumps(whole) == before
    steps = {one["key"]: one for one in made.document["steps"]}
    assert steps["note"]["inputs"]["text"] == "See … now"
    assert steps["mail"]["inputs"]["subject"] == 'For {{ trigger.receipt_email | default("…") }}'
    assert steps["gone"]["inputs"] == {}
    assert made.document["trigger"]["conditions"]["conditions"][0]["value"] is None
    assert any(one.endswith(": Charge ID") for one in made.left_empty)
    assert any("Accounts" in one for one in made.left_empty)
    scope = {"mode": "test", "accounts": "own"}
    check_structure(
        {"format": 1, "name": "x", **made.document, "trigger": {**made.document["trigger"], "scope": scope}}
    )


@pytest.mark.parametrize(
    ("field", "title"),
    [
        ("trigger.customer", "Payment intent › Customer ID"),
        ("steps.tell.message_id", "Tell them"),
    ],
)
def test_a_condition_that_is_left_empty_is_named_by_titles(field, title):
    first = way("large", group(compare(field, "equals", "cus_QZ81abc")))
    made = opened(document({**mail("tell", ["bert"]), "name": "Tell them"}, branch("fork", first)))
    assert made.left_empty == [f"A condition on {title}"]


@pytest.mark.parametrize(
    "text",
    [
        "Refund the charge",
        "re_open it in_time",
        "{{ steps.retrieve_charge_2.id }}",
        "{{ steps.ch_1.amount | money }} of {{ trigger.amount }}",
        "1,048.50 USD on 2026-11-30",
        "https://example.com/orders?page=2",
        "in_progress",
    ],
)
def test_other_texts_stay_as_they_are(text):
    made = opened(document({"key": "note", "type": "note", "name": "A name", "inputs": {"text": text}}))
    assert made.document["steps"][0]["inputs"]["text"] == text
    assert made.left_empty == []


def test_references_to_an_object_stay():
    made = opened(document(step("refund", "stripe.refunds.create", charge="{{ trigger.id }}")))
    assert made.document["steps"][0]["inputs"] == {"charge": "{{ trigger.id }}"}


def test_a_trigger_that_names_workflows_is_chosen_again():
    """Without these workflows it would start on the ends of all."""
    whole = document({"key": "note", "type": "note", "name": "", "inputs": {"text": "a"}})
    whole["trigger"] = {
        "type": "workflow_finished",
        "ends_as": ["failed"],
        "of_workflows": [{"id": 7, "name": "Theirs"}],
        "scope": {"mode": "test", "accounts": "own"},
        "conditions": group(),
    }
    made = opened(whole)
    assert set(made.document["trigger"]) == {"type", "scope", "conditions"}
    assert made.left_empty == ["Trigger: A workflow finished"]
    whole["trigger"] |= {"of_workflows": []}
    assert opened(whole).document["trigger"]["ends_as"] == ["failed"]
