import pytest

from stripeflow.workflows.conditions import MISSING, describe, load
from tests.workflows.conditions.judging import evaluate, evaluate_test
from tests.workflows.conditions.operator_cases import usd


def of(field, operator, value=None, type_key=None):
    return {"field": field, "operator": operator, "value": value, "type": type_key}


def group(match, *conditions):
    return {"match": match, "conditions": list(conditions)}


AMOUNT = of("trigger.amount", "greater_than", usd(100_000), "money")
PAID = of("trigger.status", "equal", "paid", "enum")
EUROPE = of("trigger.shipping.country", "is_one_of", ["DE", "FR", "IT"], "string")
USD = of("trigger.currency", "equal", "usd", "string")


@pytest.mark.parametrize(
    ("document", "text"),
    [
        (group("all"), ""),
        (group("all", AMOUNT), "Amount is greater than $1,000.00 USD"),
        (group("all", AMOUNT, USD), "Amount is greater than $1,000.00 USD and currency is equal to USD"),
        (group("any", AMOUNT, PAID), "Amount is greater than $1,000.00 USD or status is equal to paid"),
        (
            group("none", AMOUNT, PAID),
            "None of (amount is greater than $1,000.00 USD; status is equal to paid)",
        ),
        (
            group("any", group("all", AMOUNT, PAID), USD),
            "(amount is greater than $1,000.00 USD and status is equal to paid) or currency is equal to USD",
        ),
        (
            group("all", group("any", group("all", PAID)), USD),
            "Status is equal to paid and currency is equal to USD",
        ),
        (
            group("any", group("any", group("all", PAID, USD)), AMOUNT),
            "(status is equal to paid and currency is equal to USD) or amount is greater than $1,000.00 USD",
        ),
        (group("all", group("all"), USD), "… and currency is equal to USD"),
        (
            group("all", of("steps.gone.amount", "less_than", usd(1_500))),
            "Gone › Amount is less than $15.00 USD",
        ),
        (
            group("all", of("steps.gone.amount", "between", [usd(1_500), usd(2_000)])),
            "Gone › Amount is between $15.00 USD and $20.00 USD",
        ),
        (group("all", EUROPE), "Shipping › Country is one of “DE”, “FR” or “IT”"),
        (
            group("all", of("trigger.amount", "between", [usd(1_500), usd(2_000)], "money")),
            "Amount is between $15.00 USD and $20.00 USD",
        ),
        (
            group("all", of("trigger.created", "within_last_days", 1, "timestamp")),
            "Created is within the last 1 day",
        ),
        (
            group("all", of("trigger.created", "within_next_days", 30, "timestamp")),
            "Created is within the next 30 days",
        ),
        (
            group("all", of("trigger.created", "before", "2025-06-15T14:00:00+02:00", "timestamp")),
            "Created is before 2025-06-15 12:00:00 UTC",
        ),
        (group("all", of("trigger.livemode", "is_true", None, "boolean")), "Livemode is true"),
        (group("all", of("trigger.paid", "changed_to", True, "boolean")), "Paid has changed to true"),
        (group("all", of("trigger.customer_id", "is_present")), "Customer ID is present"),
        (
            group("all", of("steps.get_charge.amount", "less_than", 5, "integer")),
            "Get charge › Amount is less than 5",
        ),
        (group("all", of("event.api_version", "is_empty")), "Event › Api version is empty"),
        (group("all", of("trigger.id", "", None)), "ID …"),
        (group("all", of("", "", None)), "…"),
        (group("all", of("", "equal", "x")), "… is equal to “x”"),
        (group("all", of("trigger.status", "equal", None, "enum")), "Status is equal to …"),
        (group("all", of("trigger.amount", "less_than", "x", "integer")), "Amount is less than “x”"),
        (
            group("all", of("trigger.status", "is_one_of", [str(n) for n in range(12)], "id")),
            "Status is one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9 or 2 more",
        ),
    ],
)
def test_reads_as_a_sentence(document, text):
    assert describe(load(document)) == text


@pytest.mark.parametrize(
    ("quantifier", "text"),
    [
        ("any", "At least one item of lines › Data meets (price is equal to p or price is empty)"),
        ("all", "Every item of lines › Data meets (price is equal to p or price is empty)"),
        ("none", "No item of lines › Data meets (price is equal to p or price is empty)"),
    ],
)
def test_reads_conditions_on_items(quantifier, text):
    tests = [of("item.price", "equal", "p", "id"), of("item.price", "is_empty")]
    over = {"field": "trigger.lines.data", "quantifier": quantifier, "match": "any", "conditions": tests}
    assert describe(load(group("all", over))) == text


def test_asks_for_the_names_of_fields():
    names = {"trigger.amount": "Payment intent › Amount", "trigger.status": "VAT status"}
    document = group("all", AMOUNT, PAID, USD)
    assert describe(load(document), label_of=names.get) == (
        "Payment intent › Amount is greater than $1,000.00 USD and VAT status is equal to paid and currency "
        "is equal to USD"
    )


def test_amounts_follow_the_reader_s_locale():
    text = describe(load(group("all", AMOUNT)), locale="de")
    assert "1.000,00" in text


@pytest.mark.parametrize(
    ("operator", "kind", "value", "seen", "reason"),
    [
        ("equal", "string", "a", "b", "Field was “b”, which is not equal to “a”."),
        ("not_equal", "string", "a", "b", "Field was “b”, which is not equal to “a”."),
        ("not_equal", "string", "a", "a", "Field was “a”, which is equal to “a”."),
        ("equal", "enum", "paid", "paid", "Field was paid, which is equal to paid."),
        ("equal", "string", "a", "", "Field was an empty text, which is not equal to “a”."),
        ("equal", "string", "a", None, "Field was null, which is not equal to “a”."),
        ("equal", "string", "a", 5, "Field was 5, which is not a text."),
        ("equal", "any", "1", 1, "Field was 1, which is not a text."),
        ("equal", "integer", 5, "5", "Field was “5”, which is not a whole number."),
        ("equal", "integer", 5, True, "Field was true, which is not a whole number."),
        ("is_empty", "list", None, [], "Field was an empty list, which is empty."),
        ("is_empty", "list", None, [1], "Field was a list of 1 item, which is not empty."),
        ("is_empty", "list", None, [1, 2], "Field was a list of 2 items, which is not empty."),
        ("is_empty", "object", None, {}, "Field was an empty object, which is empty."),
        ("is_empty", "object", None, {"a": 1}, "Field was an object with 1 key, which is not empty."),
        ("is_present", "any", None, MISSING, "Field is missing."),
        ("is_missing", "any", None, MISSING, "Field is missing."),
        ("is_missing", "any", None, None, "Field is present."),
        ("equal", "any", "a", MISSING, "Field is missing: “Trigger” has no “field”."),
        ("contains", "list", "a", [{}], "Field holds an empty object, which cannot be compared."),
        ("is_true", "boolean", None, None, "Field was null, which is not true."),
        (
            "after",
            "timestamp",
            1_750_000_000,
            1_749_988_800,
            "Field was 2025-06-15 12:00:00 UTC, which is not after 2025-06-15 15:06:40 UTC.",
        ),
        (
            "within_last_days",
            "timestamp",
            3,
            10**15,
            "Field was 1000000000000000, which is not within the last 3 days.",
        ),
        (
            "less_than",
            "money",
            usd(1_500),
            10**20,
            "Field was 100000000000000000000 USD, which is not less than $15.00 USD.",
        ),
        ("changed", "enum", None, "paid", "Field was paid and has not changed."),
    ],
)
def test_reasons_tell_what_was_seen(operator, kind, value, seen, reason):
    assert evaluate_test(operator, kind, value, seen).reason == reason


@pytest.mark.parametrize(
    ("field", "label", "sentence"),
    [
        ("trigger.metadata.order_ID", None, "Metadata › order_ID is present"),
        ('trigger.metadata["Order Total"]', None, "Metadata › Order Total is present"),
        ("trigger.metadata.iPad", "Metadata › iPad", "Metadata › iPad is present"),
        ("steps.ask.status", "ask Ann › Status", "ask Ann › Status is present"),
        ("steps.ask.status", "VIP check › Status", "VIP check › Status is present"),
        ("steps.ask.status", "Prüfen › Status", "Prüfen › Status is present"),
    ],
)
def test_keys_and_titles_keep_their_case(field, label, sentence):
    present = of(field, "is_present")
    assert describe(load(group("all", present)), label_of=lambda path: label) == sentence
    both = describe(load(group("all", USD, present)), label_of=lambda path: label if path == field else None)
    wanted = sentence if field.startswith("steps") else f"m{sentence[1:]}"
    assert both == f"Currency is equal to USD and {wanted}"


def test_values_of_metadata_keep_their_case():
    test = of("trigger.metadata.currency", "equal", "Gold", "string")
    assert describe(load(group("all", test))) == "Metadata › currency is equal to “Gold”"
    result = evaluate({"match": "all", "conditions": [test]}, {"trigger": {"metadata": {"currency": "gOld"}}})
    assert result.children[0].reason == "Metadata › currency was “gOld”, which is not equal to “Gold”."
