"""A name that does not exist is answered with those that come close, wherever it is sent."""

import json

import pytest

from tests.workflows.documents import action, compare, document, group

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

EMAIL = {"to": ["editor"], "subject": "s", "body": "b"}


def validating(*steps, **options):
    return "POST", "workflows/validate/", document(*(steps or (action("one", text="a"),)), **options)


def with_condition(field="trigger.amount", operator="is_present"):
    return validating(conditions=group(compare(field, operator)))


def with_text(text):
    return validating(action("one", text=text))


CASES = {
    "event type": (validating(event_type="payment_intent.suceeded"), "payment_intent.succeeded"),
    "operator": (with_condition(operator="is_presnt"), "is_present"),
    "field": (with_condition(field="trigger.amuont"), "amount"),
    "reference": (with_text("{{ trigger.custmer }}"), "customer"),
    "filter": (with_text("{{ trigger.customer | uper }}"), "upper"),
    "action": (validating(action("one", "stripe.refunds.creat")), "stripe.refunds.create"),
    "input": (validating(action("one", "email.team_member", **EMAIL, bodi="x")), "body"),
    "user": (validating(action("one", "email.team_member", **EMAIL | {"to": ["editr"]})), "editor"),
    "template": (("POST", "templates/fraud_warning/workflows/", {}), "fraud_warnings"),
    "parameter of a template": (
        ("POST", "templates/fraud_warnings/workflows/", {"parameters": {"recipient": []}}),
        "recipients",
    ),
    "object": (("GET", "catalogue/objects/charges/fields/", None), "charge"),
    "query parameter": (("GET", "runs/?stauts=failed", None), "status"),
    "choice in the query": (("GET", "runs/?status=faild", None), "failed"),
    "name in a body": (("POST", "switch/", {"stoped": True}), "stopped"),
    "choice in a body": (("POST", "runs/bulk/", {"operation": "retri", "ids": []}), "retry"),
}


@pytest.mark.parametrize("kind", sorted(CASES))
def test_names_what_comes_close(api, kind):
    (method, path, body), close = CASES[kind]
    answer = json.dumps(api(method, path, body).json(), ensure_ascii=False)
    assert f"Did you mean “{close}”" in answer or f"or “{close}”" in answer, answer


def test_names_nothing_where_nothing_comes_close(api):
    assert "Did you mean" not in api.get("runs/?zzzzzzzz=1").content.decode()
