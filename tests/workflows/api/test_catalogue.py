import pytest

from stripeflow.workflows.conditions import OPERATORS
from stripeflow.workflows.references.filters import FILTERS
from tests.workflows.events import accept


def results(api, path):
    response = api.get(f"catalogue/{path}")
    assert response.status_code == 200
    return response.json()["results"]


def test_lists_the_types_of_triggers_with_their_settings(api):
    listed = {one["type"]: one for one in results(api, "trigger-types/")}
    assert next(iter(listed)) == "stripe_event"
    assert listed["stripe_event"]["label"] == "A Stripe event"
    assert set(listed["stripe_event"]["settings"]) == {"event_type"}
    assert set(listed["on_demand"]["settings"]) == {"asks_for"}
    assert {"repeats", "time_zone"} <= set(listed["recurring_schedule"]["settings"])


def test_lists_event_types(api):
    found = {row["key"]: row for row in results(api, "event-types/")}
    assert len(found) > 200
    assert found["payment_intent.succeeded"]["object"] == "payment_intent"
    assert found["customer.updated"]["has_previous_attributes"] is True


@pytest.mark.parametrize(
    "query",
    ["search=early+fraud", "search=radar.early_fraud_warning.CREATED", "category=radar", "suggested=true"],
)
def test_filters_event_types(api, query):
    keys = [row["key"] for row in results(api, f"event-types/?{query}")]
    assert "radar.early_fraud_warning.created" in keys
    assert len(keys) < 100


def test_lists_objects(api):
    assert {"name": "charge", "label": "Charge"} in results(api, "objects/")


def test_lists_an_objects_fields(api):
    fields = {row["path"]: row for row in results(api, "objects/charge/fields/")}
    assert fields["amount"]["type"] == "money"
    assert fields["amount"]["currency_path"] == "currency"
    assert fields["customer"]["id_of"] == ["customer"]
    assert "card_not_present" not in fields


def test_goes_down_a_path(api):
    paths = [row["path"] for row in results(api, "objects/charge/fields/?path=billing_details")]
    assert "billing_details.email" in paths


def test_searches_fields(api):
    paths = [row["path"] for row in results(api, "objects/charge/fields/?search=email")]
    assert "billing_details.email" in paths


@pytest.mark.parametrize("path", ["no.such", "x" * 300, "..", "amount.amount"])
def test_a_path_that_does_not_exist_has_no_fields(api, path):
    assert results(api, f"objects/charge/fields/?path={path}") == []


def test_an_unknown_object_is_404(api):
    assert api.get("catalogue/objects/no/fields/").status_code == 404


def test_lists_actions_with_the_schema_of_their_inputs(api):
    found = {row["key"]: row for row in results(api, "actions/")}
    refund = found["stripe.refunds.create"]
    assert (refund["moves_money"], refund["destructive"], refund["changes_customers"]) == (True, False, False)
    assert found["stripe.customers.update"]["changes_customers"] is True
    assert refund["outputs"]["object"] == "refund"
    assert refund["inputs"]["properties"]["amount"]["title"] == "Amount"
    assert found["email.team_member"]["required"] == ["to", "subject", "body"]
    assert "message_id" in [value["name"] for value in found["email.team_member"]["outputs"]["values"]]


def test_lists_operators(api):
    found = {row["key"]: row for row in results(api, "operators/")}
    assert set(found) == set(OPERATORS)
    assert "money" in found["greater_than"]["types"]


def test_says_what_a_text_or_a_list_may_be_read_as_for_an_operator(api):
    found = {row["key"]: row["readings"] for row in results(api, "operators/")}
    assert found["greater_than"] == ["number", "count"]
    assert found["before"] == ["date"]
    assert found["is_true"] == ["boolean"]
    assert found["starts_with"] == []


def test_lists_filters(api):
    found = {row["key"]: row for row in results(api, "filters/")}
    assert set(found) == set(FILTERS)
    assert found["money"]["usage"] == "money([currency])"


def test_event_types_that_came_and_nobody_lists_are_reported(api):
    accept({"id": "ii_1", "object": "invoiceitem"}, type="invoiceitem.updated")
    (row,) = results(api, "event-types/?search=invoiceitem.updated")
    assert (row["listed"], row["object"]) == (False, "invoiceitem")


def test_fields_that_recent_events_had_are_added(api):
    held = {"id": "in_1", "subscription": "sub_1", "custom": 5, "lines": {"data": [{"price": {"id": "p"}}]}}
    accept(held, type="invoice.paid")
    fields = {row["path"]: row for row in results(api, "objects/invoice/fields/?event_type=invoice.paid")}
    assert (fields["subscription"]["type"], fields["custom"]["type"]) == ("id", "integer")
    assert fields["subscription"]["until"] == "2025-03-31.basil"
    path = "path=lines.data&event_type=invoice.paid"
    assert "lines.data.*.price" in {row["path"] for row in results(api, f"objects/invoice/fields/?{path}")}
    assert "subscription" not in {row["path"] for row in results(api, "objects/invoice/fields/")}


def test_filters_say_which_fields_they_fit(api):
    found = {row["key"]: row["types"] for row in results(api, "filters/")}
    assert "string" in found["money"]
    assert "id" not in found["money"]
