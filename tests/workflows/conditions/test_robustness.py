"""What hostile or merely odd data does to evaluation: nothing."""

import json

import pytest

from tests.workflows.conditions.judging import MET, NOT_MET, UNKNOWN, Seen, evaluate, evaluate_test
from tests.workflows.conditions.operator_cases import TABLE


def deep(depth, leaf="x"):
    value = leaf
    for level in range(depth):
        value = [value] if level % 2 else {"field": value}
    return value


# Far beyond what recursion could go through.
NOW_DEEP, BEFORE_DEEP = deep(20_000), deep(20_000, "y")


@pytest.mark.parametrize(("operator", "kind"), TABLE)
def test_values_of_any_depth_are_judged(operator, kind):
    seen = Seen(NOW_DEEP, before=BEFORE_DEEP)
    result = evaluate_test(operator, kind, TABLE[operator, kind].value, seen)
    assert len(json.dumps(result.to_json())) < 1_000


def test_changes_are_found_at_any_depth():
    assert evaluate_test("changed", "any", None, Seen(NOW_DEEP, before=BEFORE_DEEP)).truth is MET
    assert evaluate_test("changed", "any", None, Seen(NOW_DEEP, before=deep(20_000))).truth is NOT_MET


def test_paths_read_keys_and_never_attributes():
    for field in ("trigger.__class__", "trigger.keys", "trigger.data.append", "trigger.name.upper"):
        test = {"field": field, "operator": "is_not_empty", "type": "any"}
        document = {"match": "all", "conditions": [test]}
        assert evaluate(document, {"trigger": {"data": [], "name": "x"}}).truth is UNKNOWN


def test_keys_that_look_like_attributes_are_keys():
    test = {"field": "trigger.__class__", "operator": "equal", "value": "x", "type": "string"}
    assert evaluate({"match": "all", "conditions": [test]}, {"trigger": {"__class__": "x"}}).truth is MET


@pytest.mark.parametrize("trigger", [None, [], "x", 5, True])
def test_trigger_may_be_any_json(trigger):
    test = {"field": "trigger.amount", "operator": "less_than", "value": 5, "type": "integer"}
    assert evaluate({"match": "all", "conditions": [test]}, {"trigger": trigger}).truth is UNKNOWN


def test_lone_surrogates_and_nul_are_only_characters():
    assert evaluate_test("contains", "string", "\ud800", "a\ud800\x00").truth is MET
