"""A kind of step that is not installed: its steps still load, and fail with that reason."""

import pytest

from stripeflow.workflows.definition.lanes import lanes
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.undecided import moves_or_destroys
from stripeflow.workflows.definition.validation import validate
from tests.workflows.documents import action, document

LOOP = {
    "key": "count",
    "type": "count_lines",
    "name": "Count the lines",
    "inputs": {},
    "branches": [{"key": "body", "name": "", "steps": [action("inside")]}],
}
SENTENCE = "The step “Count the lines” is of the kind “count_lines”, which is not installed. Delete it."


def test_nothing_new_is_saved_with_it_and_the_step_is_named_by_its_title():
    with pytest.raises(DefinitionError) as refused:
        check_structure(document(LOOP))
    assert [problem.message for problem in refused.value.problems] == [SENTENCE]


@pytest.mark.django_db
def test_what_has_it_cannot_be_activated():
    found = validate(document(LOOP)).problems.errors
    assert ("kind_not_installed", SENTENCE) in [(one.code, one.message) for one in found]


def test_it_counts_as_one_that_moves_money():
    assert moves_or_destroys([LOOP])


def test_what_is_inside_is_still_found_and_planned():
    assert [step["key"] for lane in lanes(LOOP) for step in lane.steps] == ["inside"]
    [step] = build(document(LOOP), {}).steps
    assert (step.kind, step.lane("body").steps[0].key) == ("count_lines", "inside")
