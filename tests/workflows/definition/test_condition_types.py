from copy import deepcopy

from stripeflow.workflows.definition.condition_types import types_of
from stripeflow.workflows.definition.validation import validate
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way

FIRST = "/trigger/conditions/conditions/0"


def types(*conditions, event_type="payment_intent.succeeded"):
    return types_of(document(action("only"), conditions=group(*conditions), event_type=event_type))


def test_a_test_keeps_the_type_of_its_field_and_the_place_of_the_currency():
    found = types(compare("trigger.amount", "greater_than", usd(5)))
    assert found == {FIRST: {"type": "money", "currency_field": "trigger.currency"}}


def test_a_field_that_is_the_value_is_kept_with_its_type_and_currency():
    found = types(compare("trigger.amount", "greater_than", "{{ trigger.amount_details.tip.amount }}"))
    assert found[FIRST]["value_type"] == "money"
    assert found[FIRST]["value_currency_field"] == "trigger.currency"


def test_an_amount_in_a_map_by_currency_is_kept_with_its_currency():
    field = "trigger.currency_options.eur.unit_amount"
    value = {"amount": 5, "currency": "eur"}
    found = types(compare(field, "greater_than", value), event_type="price.updated")
    assert found == {FIRST: {"type": "money", "currency": "eur"}}


def test_what_a_text_is_read_as_changes_nothing_of_its_type():
    found = types({**compare("trigger.metadata.total", "greater_than", 5), "as": "number"})
    assert found == {FIRST: {"type": "string"}}


def test_a_condition_of_which_nothing_is_known_has_no_types():
    assert types(compare("steps.gone.amount", "greater_than", 5)) == {}


def test_conditions_on_the_items_of_a_list_have_the_types_of_the_items():
    of_item = compare("item.quantity", "greater_than", 10)
    items = {"field": "trigger.lines.data", "quantifier": "any", **group(of_item)}
    found = types(items, event_type="invoice.paid")
    assert found == {FIRST: {"type": "list"}, f"{FIRST}/conditions/0": {"type": "integer"}}


def test_conditions_inside_groups_branches_and_error_branches_are_found():
    large = compare("trigger.amount", "greater_than", usd(5))
    inner = branch("inner", way("a", group(group(large)), action("b")))
    outer = branch("outer", way("c", group(large), failing(action("d"), inner)))
    found = types_of(document(outer))
    assert {*found} == {
        "/steps/0/branches/0/conditions/conditions/0",
        "/steps/0/branches/0/steps/0/error_branch/steps/0/branches/0/conditions/conditions/0/conditions/0",
    }


def test_what_validation_hands_on_is_the_same_and_the_document_is_left_as_it_is():
    written = document(action("only"), conditions=group(compare("trigger.amount", "greater_than", usd(5))))
    before = deepcopy(written)
    assert validate(written).types == types_of(written)
    assert written == before
