import pytest

from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.workflow_templates import templates
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way


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


RETRY = {"max_attempts": 100, "base_seconds": 0.5, "cap_seconds": 60, "total_seconds": 3600}


@pytest.mark.parametrize("retry", [RETRY, {}, *({name: value} for name, value in RETRY.items())])
def test_accepts_a_retry_policy_of_which_each_value_may_be_absent(retry):
    check_structure(document({**action("one"), "retry": retry}))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("max_attempts", 0),
        ("max_attempts", 101),
        ("max_attempts", 2.5),
        ("max_attempts", True),
        ("base_seconds", 0),
        ("base_seconds", -1),
        ("cap_seconds", "60"),
        ("total_seconds", None),
        ("total_seconds", 1e9),
    ],
)
def test_refuses_a_value_of_a_retry_policy(name, value):
    broken = document({**action("one"), "retry": {name: value}})
    assert {path for path, _code in problems(broken)} == {f"/steps/0/retry/{name}"}


def test_refuses_what_a_retry_policy_does_not_have():
    broken = document({**action("one"), "retry": {"forever": True}})
    assert problems(broken) == {("/steps/0/retry", "structure.additionalProperties")}


def test_accepts_an_error_branch_to_any_depth():
    check_structure(document(failing(action("one"), failing(action("two"), branch("b", way("w", group()))))))


def test_names_the_place_of_a_problem_in_an_error_branch():
    broken = document(failing(action("one"), action("Bad Key")))
    assert problems(broken) == {("/steps/0/error_branch/steps/0/key", "structure.pattern")}


def test_an_error_branch_without_the_choice_to_take_it_would_be_lost():
    for on_error in ({"on_error": "stop"}, {"on_error": "continue"}):
        broken = document({**failing(action("one"), action("two")), **on_error})
        assert problems(broken) == {("/steps/0/on_error", "structure.const")}
    silent = failing(action("one"), action("two"))
    del silent["on_error"]
    assert problems(document(silent)) == {("/steps/0", "structure.required")}


def test_the_choice_of_an_error_branch_needs_one():
    broken = document({**action("one"), "on_error": "branch"})
    assert problems(broken) == {("/steps/0", "structure.required")}


def test_a_branch_step_has_neither():
    for extra in ({"retry": {}}, {"on_error": "branch", "error_branch": {"steps": []}}):
        assert problems(document({**branch("b"), **extra}))


@pytest.mark.parametrize("own", ["otherwise", "stop"])
def test_a_branch_step_says_what_it_does_if_it_is_undecided(own):
    check_structure(document({**branch("choose"), "if_undecided": own}))


@pytest.mark.parametrize("own", ["", "go_on", None])
def test_it_says_nothing_else(own):
    found = problems(document({**branch("choose"), "if_undecided": own}))
    assert found == {("/steps/0/if_undecided", "structure.enum")}


def test_an_action_step_is_never_undecided():
    found = problems(document({**action("one"), "if_undecided": "stop"}))
    assert found == {("/steps/0", "structure.additionalProperties")}
