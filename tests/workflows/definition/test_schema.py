import pytest

from tests.workflows.documents import action, branch, compare, document, group, usd, way
from workflows.definition.problems import DefinitionError
from workflows.definition.schema import check_structure
from workflows.workflow_templates import templates


def problems(value):
    with pytest.raises(DefinitionError) as caught:
        check_structure(value)
    return {(problem.path, problem.code) for problem in caught.value.problems}


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.key)
def test_accepts_every_template(template):
    check_structure(template.document())


def test_accepts_nested_groups_and_list_tests():
    inner = {
        "quantifier": "any",
        "field": "trigger.lines.data",
        **group(compare("item.amount", "greater_than", usd(1))),
    }
    check_structure(document(conditions=group(group(inner, match="none"), match="any")))


@pytest.mark.parametrize("value", [None, 5, "x", [], {}, [[]], {"format": 2}])
def test_refuses_what_is_no_document(value):
    assert problems(value)


def test_names_the_place_of_each_problem():
    broken = document(action("Bad Key"), {**action("two"), "surprise": 1})
    broken["trigger"]["type"] = "moon"
    assert problems(broken) == {
        ("/steps/0/key", "structure.pattern"),
        ("/steps/1", "structure.additionalProperties"),
        ("/trigger/type", "structure.enum"),
    }


def test_refuses_a_step_of_unknown_type():
    assert ("/steps/0/type", "structure.enum") in problems(document({"key": "a", "type": "teleport"}))


def test_refuses_an_unknown_key_in_a_branch():
    step = branch("b", {**way("w", group()), "extra": True})
    assert problems(document(step)) == {("/steps/0/branches/0", "structure.additionalProperties")}


def test_refuses_what_is_nested_too_deeply():
    value = []
    for _ in range(100_000):
        value = [value]
    assert problems(value) == {("", "too_deep")}
