from datetime import UTC, datetime

from stripeflow.workflows import conditions
from stripeflow.workflows.definition.condition_types import types_in
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.explained import Explainer
from tests.workflows.documents import compare, group, starts_on, usd

KNOWN = Known(starts_on("payment_intent.succeeded"))
PAYMENT = {
    "amount": 200_000,
    "currency": "usd",
    "customer": None,
    "metadata": {},
    "payment_method_types": ["card", "link"],
}
LARGE, SMALL = (
    compare("trigger.amount", "greater_than", usd(1000)),
    compare("trigger.amount", "less_than", usd(5)),
)


def lines(document, *, payloads=True):
    compiled = conditions.compile(document, types_in(document, KNOWN))
    found = conditions.evaluate(
        compiled, {"trigger": PAYMENT, "steps": {}}, now=datetime.now(UTC), previous_attributes=None
    )
    return Explainer(KNOWN, payloads).lines(found.to_json())


def test_a_single_condition_needs_no_heading():
    (line,) = lines(group(LARGE))
    assert (line.truth, line.children) == ("met", ())
    assert "$2,000.00 USD" in line.text


def test_several_that_all_have_to_be_met_need_no_heading():
    assert [line.truth for line in lines(group(LARGE, SMALL))] == ["met", "not_met"]


def test_any_of_several_has_a_heading():
    (line,) = lines(group(LARGE, SMALL, match="any"))
    assert line.text == "At least one of these has to be met"
    assert [child.truth for child in line.children] == ["met", "not_met"]


def test_nothing_evaluated_gives_no_lines():
    assert Explainer(KNOWN, True).lines(None) == ()


def test_without_payloads_it_says_what_was_asked_and_not_what_was_seen():
    (line,) = lines(group(LARGE), payloads=False)
    assert line.text == "Amount is greater than $1,000.00 USD"
    assert "2,000" not in line.text


def test_items_of_a_list_are_numbered():
    items = {
        "field": "trigger.payment_method_types",
        "quantifier": "any",
        **group(compare("item", "equal", "card")),
    }
    (line,) = lines(group(items))
    assert [child.text for child in line.children] == ["Item 1", "Item 2"]
    assert [child.truth for child in line.children] == ["met", "not_met"]


def test_without_payloads_a_list_shows_no_values():
    items = {
        "field": "trigger.payment_method_types",
        "quantifier": "any",
        **group(compare("item", "equal", "x")),
    }
    (line,) = lines(group(items), payloads=False)
    assert "link" not in str(line)


def test_what_changed_nothing_is_calm():
    (line,) = lines(group(LARGE, SMALL, match="any"))
    assert [child.tone for child in line.children] == ["met", "calm"]


def test_what_should_not_have_been_met_is_wrong():
    (line,) = lines(group(LARGE, SMALL, match="none"))
    assert [child.tone for child in line.children] == ["wrong", "not_met"]


def test_a_value_that_was_cut_is_still_reported():
    long = compare("trigger.description", "equal", "x" * 4000)
    assert lines(group(long), payloads=False)[0].text
