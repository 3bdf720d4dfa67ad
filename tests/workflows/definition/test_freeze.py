from stripeflow.workflows.definition.freeze import freeze, thaw
from tests.workflows.documents import action, compare, document, group, usd


def frozen(*conditions, event_type="payment_intent.succeeded"):
    written = document(action("only"), conditions=group(*conditions), event_type=event_type)
    found = freeze(written)
    assert thaw(found) == written
    return found["trigger"]["conditions"]["conditions"]


def test_a_test_keeps_the_type_of_its_field_and_the_place_of_the_currency():
    (test,) = frozen(compare("trigger.amount", "greater_than", usd(5)))
    assert (test["type"], test["currency_field"]) == ("money", "trigger.currency")


def test_a_field_that_is_the_value_is_kept_with_its_type_and_currency():
    (test,) = frozen(compare("trigger.amount", "greater_than", "{{ trigger.amount_details.tip.amount }}"))
    assert (test["value_type"], test["value_currency_field"]) == ("money", "trigger.currency")


def test_an_amount_in_a_map_by_currency_is_kept_with_its_currency():
    field = "trigger.currency_options.eur.unit_amount"
    value = {"amount": 5, "currency": "eur"}
    (test,) = frozen(compare(field, "greater_than", value), event_type="price.updated")
    assert (test["type"], test["currency"], test["currency_field"]) == ("money", "eur", None)


def test_what_a_text_is_read_as_is_left_as_it_was_written():
    (test,) = frozen({**compare("trigger.metadata.total", "greater_than", 5), "as": "number"})
    assert (test["type"], test["as"]) == ("string", "number")
