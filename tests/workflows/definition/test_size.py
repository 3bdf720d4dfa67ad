import pytest

from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.size import (
    MAX_BRANCHES_IN_ALL,
    MAX_CONDITIONS_IN_ALL,
    MAX_STEPS_IN_ALL,
    size_of,
)
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, failing, group, way


def many(count, *, start=0, **inputs):
    """`count` action steps in branches of as many as one list may hold."""
    keys = [f"s{number}" for number in range(start, start + count)]
    lanes = [keys[at : at + 100] for at in range(0, count, 100)]
    ways = [
        way(f"w{number}", group(compare("trigger.amount", "greater_than", 1)), *steps)
        for number, lane in enumerate(lanes)
        for steps in [[action(key, "test.record", **inputs) for key in lane]]
    ]
    return branch("lanes", *ways)


def codes(value):
    with pytest.raises(DefinitionError) as caught:
        check_structure(value)
    return [problem.code for problem in caught.value.problems]


def test_steps_are_counted_wherever_they_stand():
    found = document(failing(action("one"), action("two"), branch("b", way("w", group(), action("three")))))
    assert size_of(found).steps == 4


def test_conditions_are_counted_in_groups_and_in_branches():
    inner = group(compare("a", "exists"), group(compare("b", "exists")))
    found = document(branch("b", way("w", inner)), conditions=group(compare("c", "exists")))
    assert size_of(found).conditions == 4


@pytest.mark.parametrize(
    "value", [None, 1, [], {"steps": 1}, {"steps": [1, {"branches": [2, {"steps": "x"}]}]}]
)
def test_what_has_another_structure_is_left_to_the_schema(value):
    assert size_of(value).conditions == 0


def test_as_many_steps_as_there_may_be():
    check_structure(document(many(MAX_STEPS_IN_ALL - 2)))


def test_too_many_steps_in_all_are_one_problem_that_says_what_to_do():
    with pytest.raises(DefinitionError) as caught:
        check_structure(document(many(MAX_STEPS_IN_ALL + 1)))
    [problem] = caught.value.problems
    assert problem.code == "too_many_steps"
    assert problem.message.endswith("and may have 500. Make several workflows of it.")


def test_too_many_conditions_in_all():
    lane = group(*(compare("trigger.amount", "exists") for _number in range(99)))
    ways = [way(f"w{number}", lane) for number in range(MAX_CONDITIONS_IN_ALL // 99 + 1)]
    assert codes(document(branch("b", *ways))) == ["too_many_conditions"]


def test_too_many_branches_in_all():
    full = [
        branch(f"b{number}", *(way(f"w{way_number}", group()) for way_number in range(49)))
        for number in range(MAX_BRANCHES_IN_ALL // 49 + 1)
    ]
    assert codes(document(*full)) == ["too_many_branches"]


def test_a_hostile_document_is_refused_before_its_parts_are_looked_at(monkeypatch):
    monkeypatch.setattr("stripeflow.workflows.definition.schema._validator", None)
    hostile = document(*({"type": "action"} for _number in range(50_000)))
    assert codes(hostile) == ["too_many_steps"]


def test_looking_up_earlier_steps_costs_no_walk_through_the_document(recorder, monkeypatch):
    monkeypatch.setattr("stripeflow.triggers.types.stripe_event.recent", lambda _topics: None)
    steps = [action(f"s{number}", text="{{ steps.nowhere.id }}" * 10) for number in range(150)]
    walked = []
    monkeypatch.setattr("stripeflow.workflows.definition.walk._steps", _counting(walked))
    found = validate(document(*steps)).problems
    assert len([one for one in found if one.code == "unknown_reference"]) == 1500
    # Once for the checks, and once for all keys.
    assert len(walked) == 2


def _counting(walked):
    from stripeflow.workflows.definition import walk

    original = walk._steps

    def counted(items, path, *rest):
        if path == "/steps":
            walked.append(path)
        return original(items, path, *rest)

    return counted


def _add_steps(workflow, count):
    with editing.editing(workflow, revision=workflow.revision):
        for number in range(count):
            Step.objects.create(workflow=workflow, key=f"more_{number}", position=number + 1)


@pytest.mark.django_db
def test_an_edit_may_not_make_it_too_large(recorder):
    workflow = lifecycle.create(document(many(MAX_STEPS_IN_ALL - 2)))
    with pytest.raises(editing.NotAllowed, match="may have 500"):
        _add_steps(workflow, 2)
    assert Step.objects.filter(workflow=workflow).count() == MAX_STEPS_IN_ALL - 1


@pytest.mark.django_db
def test_what_is_too_large_already_may_be_changed_and_shrink(recorder, monkeypatch):
    workflow = lifecycle.create(document(action("one"), action("two")))
    monkeypatch.setattr("stripeflow.workflows.definition.size.LIMITS", (1, 1, 1))
    with editing.editing(workflow, revision=workflow.revision):
        Step.objects.filter(workflow=workflow, key="two").update(name="Another")
    workflow.refresh_from_db()
    with editing.editing(workflow, revision=workflow.revision):
        Step.objects.filter(workflow=workflow, key="two").delete()
    assert size_of(lifecycle.to_document(workflow)).steps == 1
