import re
from dataclasses import replace

import pytest
from django.core.exceptions import ImproperlyConfigured

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import OPERATORS, ConditionError, Truth, describe, load
from stripeflow.workflows.conditions.documentation import PAGE, operator_table
from stripeflow.workflows.conditions.operators import DuplicateOperator, register, temporarily
from stripeflow.workflows.conditions.operators.quick import surely_not_met
from tests.workflows.conditions.judging import NOW, evaluate_test
from tests.workflows.documents import compare, group
from tests.workflows.made_up_operator import DIVISIBLE

ASKED = group({**compare("trigger.field", DIVISIBLE.key, 5), "type": "integer"})


def evaluate(compiled, value):
    return conditions.evaluate(compiled, {"trigger": {"field": value}}, now=NOW, previous_attributes=None)


def test_a_registered_operator_judges_and_says_why():
    with temporarily(DIVISIBLE):
        assert evaluate_test(DIVISIBLE.key, "integer", 5, 10).truth is Truth.MET
        missed = evaluate_test(DIVISIBLE.key, "integer", 5, 11)
        assert (missed.truth, missed.reason) == (Truth.NOT_MET, "Field was 11, which is not divisible by 5.")
        assert evaluate_test(DIVISIBLE.key, "integer", 5, "10").truth is Truth.UNKNOWN
        assert evaluate_test(DIVISIBLE.key, "string", 5, "10").truth is Truth.UNKNOWN


def test_its_quick_test_is_asked_first():
    with temporarily(DIVISIBLE):
        needs = conditions.compile(ASKED).needs
    assert surely_not_met(needs, {"trigger": {"field": 11}})
    assert not surely_not_met(needs, {"trigger": {"field": 10}})


def test_it_stands_in_sentences_and_in_the_table_of_the_docs():
    with temporarily(DIVISIBLE):
        assert describe(load(ASKED)) == "Field is divisible by 5"
        row = (
            "| is divisible by | `acme_divisible_by` | one, or a field | integer, any | Whole numbers only. |"
        )
        assert row in operator_table()
    assert row not in operator_table()


def test_a_second_one_of_the_same_key_is_refused():
    with temporarily(DIVISIBLE), pytest.raises(DuplicateOperator, match="acme_divisible_by"):
        register(replace(DIVISIBLE, label="is a multiple of"))
    with pytest.raises(DuplicateOperator, match="equal"):
        register(replace(DIVISIBLE, key="equal"))
    assert OPERATORS["equal"].label == "is equal to"


@pytest.mark.parametrize(
    "wrong",
    [
        {"key": "Divisible by"},
        {"key": "x" * 51},
        {"types": frozenset()},
        {"types": frozenset({"whole"})},
        {"any_as": "whole"},
        {"label": ""},
        {"contrary": ""},
        {"help_text": ""},
    ],
)
def test_a_row_that_cannot_be_used_is_refused(wrong):
    with pytest.raises(ImproperlyConfigured):
        register(replace(DIVISIBLE, **wrong))
    assert DIVISIBLE.key not in OPERATORS


@pytest.mark.parametrize("answer", [True, False, None])
def test_an_answer_that_is_no_truth_never_counts_as_met(answer):
    with temporarily(replace(DIVISIBLE, judge=lambda case: answer, quick=None)):
        compiled = conditions.compile(ASKED)
        with pytest.raises(TypeError, match="acme_divisible_by"):
            evaluate(compiled, 10)


def test_once_it_is_not_installed_a_version_finds_its_test_unknown():
    (test,) = evaluate(conditions.compile(ASKED), 10).children
    assert test.truth is Truth.UNKNOWN
    assert test.reason == "The operator “acme_divisible_by” is not installed."


def test_once_it_is_not_installed_a_draft_with_it_is_refused():
    with pytest.raises(ConditionError, match="is not an operator"):
        load(ASKED)


def test_the_example_of_the_docs_is_an_operator(monkeypatch):
    (example,) = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    found = {}
    with monkeypatch.context() as elsewhere:
        elsewhere.setattr("stripeflow.workflows.conditions.operators.registry.OPERATORS", found)
        exec(example, {})  # noqa: S102
    with temporarily(found[DIVISIBLE.key]):
        assert evaluate_test(DIVISIBLE.key, "integer", 5, 10).truth is Truth.MET
