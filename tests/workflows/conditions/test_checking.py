from dataclasses import dataclass

import pytest

from stripeflow.workflows.conditions import FIELD_TYPES, OPERATORS, READINGS, check, load
from tests.workflows.conditions.operator_cases import usd


@dataclass(frozen=True)
class Info:
    type: str
    enum: tuple[str, ...] = ()
    currency_field: str | None = None
    currency: str | None = None
    optional: bool = False
    doubt: str = ""
    guessed: bool = False


@dataclass(frozen=True)
class Fields:
    """Knows the fields of a trigger, and those of the items of its lists."""

    known: dict
    items: dict

    def find(self, path):
        return self.known.get(path)

    def named(self, path):
        return f"the field {path}"

    def unknown(self, path):
        return f"There is nothing at {path}."

    def item_finder(self, list_path):
        return Fields({**self.known, **self.items[list_path]}, {})


FIELDS = Fields(
    {f"trigger.{kind}": Info(kind, currency_field="trigger.currency") for kind in FIELD_TYPES}
    | {
        "trigger.currency": Info("string"),
        "trigger.status": Info("enum", enum=("open", "paid")),
        "trigger.odd_money": Info("money"),
        "trigger.amounts.usd": Info("money", currency="usd"),
        "trigger.id": Info("id"),
        **{f"trigger.metadata.{key}": Info("string") for key in ("total", "day", "paid", "currency")},
        "steps.get.status": Info("string"),
        "trigger.older": Info("string", doubt="It went away."),
        "trigger.guess": Info("string", doubt="Recent events have it.", guessed=True),
        "steps.get.list": Info("list"),
        "trigger.refunds": Info("list", optional=True),
    },
    dict.fromkeys(("trigger.list", "steps.get.list", "trigger.refunds"), {"item.id": Info("id")})
    | {"trigger.any": {"item.id": Info("any")}},
)


def of(field, operator, value=None):
    return {"field": field, "operator": operator, "value": value}


def group(match, *conditions):
    return {"match": match, "conditions": list(conditions)}


def over(field, *conditions):
    return {"field": field, "quantifier": "any", "match": "all", "conditions": list(conditions)}


def problems(document, **options):
    return [(found.path, found.code) for found in check(load(document), FIELDS, **options)]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (of("trigger.string", "equal", "a"), []),
        (of("trigger.money", "greater_than", usd(5)), []),
        (of("trigger.money", "is_empty"), []),
        (of("trigger.status", "is_one_of", ["open", "paid"]), []),
        (of("trigger.currency", "equal", "usd"), []),
        (of("trigger.status", "changed_to", "paid"), []),
        (over("trigger.list", of("item.id", "equal", "a")), []),
        (over("trigger.any", of("item.id", "equal", "a")), []),
        (over("trigger.string", of("item.id", "equal", "a")), [("/field", "not_a_list")]),
        (of("", ""), [("/field", "no_field"), ("/operator", "no_operator")]),
        (of("trigger.string", ""), [("/operator", "no_operator")]),
        (of("trigger.nope", "equal", "a"), [("/field", "unknown_field")]),
        (of("item.id", "equal", "a"), [("/field", "unknown_field")]),
        (of("trigger.string", "greater_than", 5), [("/operator", "operator")]),
        (of("trigger.string", "equal"), [("/value", "value_missing")]),
        (of("trigger.string", "equal", ""), [("/value", "value_missing")]),
        (of("trigger.string", "equal", "{{ trigger.id }}"), []),
        (of("trigger.string", "equal", "{{ trigger.id | upper }}"), [("/value", "value_reference")]),
        (of("trigger.string", "equal", "{{ trigger.nope }}"), [("/value", "unknown_field")]),
        (of("trigger.string", "equal", "{{ trigger.integer }}"), [("/value", "value_type")]),
        (of("trigger.integer", "less_than", "{{ trigger.decimal }}"), []),
        (of("trigger.money", "less_than", "{{ trigger.money }}"), []),
        (of("trigger.money", "less_than", "{{ trigger.integer }}"), [("/value", "value_type")]),
        (of("trigger.any", "equal", "{{ trigger.string }}"), []),
        (of("trigger.any", "equal", "{{ trigger.money }}"), [("/value", "value_type")]),
        (of("trigger.timestamp", "before", "{{ trigger.timestamp }}"), []),
        ({**of("trigger.string", "greater_than", 5), "as": "number"}, []),
        ({**of("trigger.string", "greater_than", "{{ trigger.integer }}"), "as": "number"}, []),
        ({**of("trigger.string", "before", "2025-06-15T12:00:00Z"), "as": "date"}, []),
        ({**of("trigger.string", "is_true"), "as": "boolean"}, []),
        ({**of("trigger.list", "greater_than", 5), "as": "count"}, []),
        ({**of("trigger.string", "contains", "5"), "as": "number"}, [("/operator", "operator")]),
        ({**of("trigger.integer", "equal", 5), "as": "number"}, [("/as", "as")]),
        ({**of("trigger.string", "equal", 5), "as": "count"}, [("/as", "as")]),
        ({**of("trigger.string", "greater_than", "five"), "as": "number"}, [("/value", "value_type")]),
        (of("trigger.metadata.total", "greater_than", 5), []),
        (of("trigger.metadata.total", "increased"), []),
        (of("trigger.metadata.total", "between", [1, 5]), []),
        (of("trigger.metadata.day", "between", ["2025-01-01T00:00:00Z", "2025-06-15T12:00:00Z"]), []),
        (of("trigger.metadata.paid", "is_true"), []),
        (of("trigger.metadata.day", "within_last_days", {"hours": 6}), []),
        (of("trigger.metadata.currency", "equal", "USD"), []),
        (
            of("trigger.money", "greater_than", {"amount": 5, "currency": "uds"}),
            [("/value", "value_currency")],
        ),
        (of("trigger.currency", "is_one_of", ["usd", "uds"]), [("/value", "value_currency")]),
        (of("trigger.integer", "equal", "5"), [("/value", "value_type")]),
        (of("trigger.integer", "between", [5]), [("/value", "value_count")]),
        (of("trigger.integer", "between", [7, 5]), [("/value", "value_range")]),
        (of("trigger.string", "is_one_of", []), [("/value", "value_count")]),
        (of("trigger.string", "is_empty", "x"), [("/value", "value_not_used")]),
        (of("trigger.money", "equal", {"amount": 5, "currency": "dollar"}), [("/value", "value_currency")]),
        (of("trigger.odd_money", "equal", usd(5)), [("/field", "no_currency")]),
        (of("trigger.odd_money", "increased"), [("/field", "no_currency")]),
        (of("trigger.odd_money", "changed"), []),
        (of("trigger.amounts.usd", "equal", usd(5)), []),
        (of("trigger.status", "equal", "payed"), [("/value", "unknown_choice")]),
        (of("trigger.status", "is_none_of", ["paid", "x", "y"]), [("/value", "unknown_choice")] * 2),
        (of("trigger.currency", "equal", "USD"), [("/value", "currency_case")]),
        (of("trigger.currency", "is_one_of", ["usd", "EUR"]), [("/value", "currency_case")]),
        (of("steps.get.status", "changed"), [("/operator", "no_changes")]),
        (over("", of("item.id", "equal", "a")), [("/field", "no_field")]),
        (over("trigger.nope", of("item.id", "equal", "a")), [("/field", "unknown_field")]),
        (over("trigger.list"), [("", "empty_group")]),
        (over("trigger.list", of("item.nope", "equal", "a")), [("/conditions/0/field", "unknown_field")]),
        (group("all"), [("", "empty_group")]),
    ],
)
def test_lists_problems_with_their_places(document, expected):
    found = problems(group("all", document))
    assert found == [(f"/conditions/0{path}", code) for path, code in expected]


def errors(document):
    return [found.code for found in check(load(group("all", document)), FIELDS) if not found.is_warning]


@pytest.mark.parametrize(
    ("document", "expected"),
    [
        (of("trigger.status", "equal", "payed"), ["unknown_choice"]),
        (of("trigger.older", "equal", "a"), ["unknown_field"]),
        (of("trigger.guess", "equal", "a"), ["unknown_field"]),
        (of("trigger.guess", "greater_than", 5), ["unknown_field", "operator"]),
        (over("trigger.guess", of("trigger.string", "equal", "a")), ["unknown_field", "not_a_list"]),
    ],
)
def test_what_stripe_may_send_is_only_warned_of(document, expected):
    fields = Fields(FIELDS.known, {**FIELDS.items, "trigger.guess": {}})
    found = check(load(group("all", document)), fields)
    assert [(one.code, one.is_warning) for one in found] == [(code, True) for code in expected]


def test_an_operator_that_has_no_meaning_for_a_field_of_older_versions_is_an_error():
    assert errors(of("trigger.older", "greater_than", 5)) == ["operator"]


def test_a_value_that_is_nearly_one_of_the_documented_is_suggested():
    (problem,) = check(load(group("all", of("trigger.status", "equal", "payd"))), FIELDS)
    assert problem.message.endswith("Did you mean “paid”?")


def test_every_problem_is_listed_at_once():
    document = group(
        "all", of("trigger.nope", "equal", "a"), group("any", of("trigger.integer", "equal", "5"))
    )
    assert problems(document) == [
        ("/conditions/0/field", "unknown_field"),
        ("/conditions/1/conditions/0/value", "value_type"),
    ]


def test_root_without_conditions_is_a_problem():
    assert problems(group("all")) == [("", "empty_group")]


@pytest.mark.parametrize(("match", "expected"), [("all", []), ("none", []), ("any", [("", "empty_group")])])
def test_root_may_be_allowed_to_have_no_conditions(match, expected):
    assert problems(group(match), allow_empty=True) == expected


def test_groups_below_the_root_are_never_allowed_to_have_no_conditions():
    assert problems(group("all", group("all")), allow_empty=True) == [("/conditions/0", "empty_group")]


@pytest.mark.parametrize("operator", ["changed", "changed_from", "changed_to"])
def test_fields_of_the_trigger_and_of_its_items_can_be_tested_for_a_change(operator):
    value = None if operator == "changed" else "paid"
    assert problems(group("all", of("trigger.status", operator, value))) == []
    assert problems(group("all", over("trigger.list", of("item.id", operator, value)))) == []
    assert problems(group("all", over("steps.get.list", of("item.id", operator, value)))) == [
        ("/conditions/0/conditions/0/operator", "no_changes")
    ]


def test_problem_names_field_and_reads_as_a_sentence():
    document = group("all", of("trigger.string", "greater_than", 5))
    (problem,) = check(load(document), FIELDS)
    assert problem.field == "trigger.string"
    assert problem.message == (
        "“is greater than” does not fit this field, which is of the type “text”. "
        "It could be read as a number."
    )


@pytest.mark.parametrize("kind", FIELD_TYPES)
@pytest.mark.parametrize("operator", OPERATORS)
def test_finds_an_operator_that_does_not_fit(operator, kind):
    codes = [code for path, code in problems(group("all", of(f"trigger.{kind}", operator)))]
    assert ("operator" in codes) is (kind not in OPERATORS[operator].types)


@pytest.mark.parametrize(("code", "near"), [("uds", "USD"), ("eru", "EUR"), ("jpn", "JPY"), ("gpb", "GBP")])
def test_a_currency_that_does_not_exist_is_answered_with_those_that_come_close(code, near):
    value = {"amount": 100_000, "currency": code}
    (problem,) = check(load(group("all", of("trigger.money", "greater_than", value))), FIELDS)
    assert problem.message.startswith(f"There is no currency “{code}”. Did you mean ")
    assert near in problem.message


@pytest.mark.parametrize("operator", ["changed", "increased"])
def test_an_event_that_may_not_say_what_changed_is_warned_of(operator):
    document = load(group("all", of("trigger.integer", operator)))
    (problem,) = check(document, FIELDS, tracks_changes=False)
    assert (problem.code, problem.is_warning) == ("no_changes", True)
    assert check(document, FIELDS) == []


@pytest.mark.parametrize(
    ("field", "quantifier", "warned"),
    [
        ("trigger.refunds", "none", True),
        ("trigger.refunds", "any", False),
        ("trigger.refunds", "all", False),
        ("trigger.list", "none", False),
    ],
)
def test_no_item_of_a_list_that_may_be_null_is_warned_of(field, quantifier, warned):
    over_items = {**over(field, of("item.id", "equal", "a")), "quantifier": quantifier}
    found = [(problem.code, problem.is_warning) for problem in check(load(group("all", over_items)), FIELDS)]
    assert found == ([("null_list", True)] if warned else [])


@pytest.mark.parametrize("kind", FIELD_TYPES)
@pytest.mark.parametrize("reading", READINGS.values(), ids=lambda reading: reading.key)
def test_every_operator_of_a_reading_has_a_meaning_or_is_an_error(reading, kind):
    for operator, entry in OPERATORS.items():
        document = group("all", {**of(f"trigger.{kind}", operator), "as": reading.key})
        codes = {code for _path, code in problems(document)}
        fits = kind in reading.of and entry.fits(reading.type)
        assert (codes.isdisjoint({"operator", "as"})) is fits
