import json
import unicodedata
from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as st

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import FIELD_TYPES, OPERATORS, Truth, describe, dump, load
from tests.workflows.conditions.judging import MET, NOW, evaluate_test
from tests.workflows.conditions.strategies import (
    documents,
    json_values,
    nodes,
    previous_attributes,
    scopes,
    unhurried,
    values,
)

moments = st.datetimes(timezones=st.just(UTC))
operators = st.sampled_from(list(OPERATORS))
kinds = st.sampled_from(list(FIELD_TYPES))


def evaluate(document, scope, previous=None, now=NOW):
    return conditions.evaluate(conditions.compile(document), scope, now=now, previous_attributes=previous)


@unhurried
@given(documents, scopes, previous_attributes, moments)
def test_evaluating_never_raises_and_explains_itself(document, scope, previous, now):
    result = evaluate(document, scope, previous, now)
    written = result.to_json()
    assert json.loads(json.dumps(written, allow_nan=False)) == written


@unhurried
@given(documents)
def test_documents_survive_loading_and_dumping(document):
    node = load(document)
    assert load(dump(node)) == node


@unhurried
@given(documents)
def test_describing_never_raises(document):
    assert isinstance(describe(load(document)), str)


@unhurried
@given(st.lists(nodes, max_size=4), scopes, previous_attributes)
def test_none_is_the_contrary_of_any(members, scope, previous):
    any_of, none_of = (
        evaluate({"match": match, "conditions": members}, scope, previous) for match in ("any", "none")
    )
    assert none_of.truth is any_of.truth.negated


@unhurried
@given(st.lists(nodes, min_size=1, max_size=4), scopes, previous_attributes)
def test_all_is_none_of_the_contraries(members, scope, previous):
    contraries = [{"match": "none", "conditions": [member]} for member in members]
    all_of = evaluate({"match": "all", "conditions": members}, scope, previous)
    none_of = evaluate({"match": "none", "conditions": contraries}, scope, previous)
    assert none_of.truth is all_of.truth


@unhurried
@given(st.lists(nodes, min_size=1, max_size=4), scopes)
def test_order_of_conditions_does_not_matter(members, scope):
    one, other = (
        evaluate({"match": "all", "conditions": order}, scope) for order in (members, members[::-1])
    )
    assert one.truth is other.truth


NEGATIONS = [(key, key.replace("is_one", "is_none")) for key in OPERATORS if key.startswith("is_one_of")]
NEGATIONS += [("equal", "not_equal"), ("equal_ignoring_case", "not_equal_ignoring_case")]
NEGATIONS += [("contains", "does_not_contain"), ("is_empty", "is_not_empty"), ("is_present", "is_missing")]
NEGATIONS += [("contains_ignoring_case", "does_not_contain_ignoring_case")]


@unhurried
@given(st.sampled_from(NEGATIONS), kinds, values, json_values)
def test_negations_are_contraries(pair, kind, value, seen):
    yes, no = (evaluate_test(operator, kind, value, seen).truth for operator in pair)
    assert no is yes.negated


@unhurried
@given(operators, kinds, values, json_values)
def test_what_is_not_known_is_never_met_nor_its_contrary(operator, kind, value, seen):
    test = {"field": "trigger.field.gone.for.good", "operator": operator, "value": value, "type": kind}
    result = evaluate({"match": "all", "conditions": [test]}, {"trigger": {"field": seen}})
    sees_missing = operator in {"is_present", "is_missing"} and value in (None, "")
    assert (result.truth is Truth.UNKNOWN) is not sees_missing


@unhurried
@given(st.text(min_size=1, max_size=10), st.text(max_size=10))
def test_texts_are_equal_only_to_themselves(value, seen):
    met = evaluate_test("equal", "string", value, seen).truth is MET
    one, other = (unicodedata.normalize("NFC", text).strip() for text in (value, seen))
    assert met is (one == other and "{{" not in value)


@unhurried
@given(st.integers(-(2**62), 2**62), st.integers(-(2**62), 2**62))
def test_order_of_whole_numbers_is_that_of_mathematics(value, seen):
    answers = {
        "less_than": seen < value,
        "less_or_equal": seen <= value,
        "greater_than": seen > value,
        "greater_or_equal": seen >= value,
        "equal": seen == value,
    }
    for operator, expected in answers.items():
        assert (evaluate_test(operator, "integer", value, seen).truth is MET) is expected


@unhurried
@given(st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC)))
def test_moments_compare_the_same_as_text_and_as_seconds(moment):
    moment = moment.replace(microsecond=0)
    seconds = int(moment.timestamp())
    for value in (seconds, moment.isoformat()):
        assert evaluate_test("after", "timestamp", value, seconds).truth is not MET
        assert evaluate_test("after", "timestamp", value, seconds + 1).truth is MET
