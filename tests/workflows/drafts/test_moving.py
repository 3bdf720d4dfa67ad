import pytest

from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import MAX_STEPS
from stripeflow.workflows.drafts.moving import InsideItself, check_limits, insert_copy, relocate
from stripeflow.workflows.models import Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, group, way


@pytest.fixture
def workflow(db):
    condition = group(compare("trigger.amount", "is_present"))
    inner = way("yes", condition, action("inside"), branch("deeper", way("a", condition, action("deep"))))
    return lifecycle.create(document(action("one"), branch("choice", inner), action("last")))


def step(workflow, key):
    return workflow.steps.get(key=key)


def way_of(workflow, key, branch="yes"):
    return step(workflow, key).branches.get(key=branch)


def keys(workflow, branch=None):
    return list(Step.objects.filter(workflow=workflow, branch=branch).values_list("position", "key"))


@pytest.mark.parametrize(
    ("key", "position", "order"),
    [
        ("one", 0, ["one", "choice", "last"]),
        ("one", 1, ["one", "choice", "last"]),
        ("one", 2, ["choice", "one", "last"]),
        ("one", 3, ["choice", "last", "one"]),
        ("last", 0, ["last", "one", "choice"]),
        ("choice", 99, ["one", "last", "choice"]),
    ],
)
def test_within_a_level(workflow, key, position, order):
    relocate(step(workflow, key), branch=None, position=position)
    assert keys(workflow) == list(enumerate(order))


def test_into_a_branch(workflow):
    home = way_of(workflow, "choice")
    relocate(step(workflow, "one"), branch=home, position=1)
    assert keys(workflow) == [(0, "choice"), (1, "last")]
    assert keys(workflow, home) == [(0, "inside"), (1, "one"), (2, "deeper")]


def test_out_of_a_branch_with_what_is_inside(workflow):
    relocate(step(workflow, "deeper"), branch=None, position=0)
    assert keys(workflow) == [(0, "deeper"), (1, "one"), (2, "choice"), (3, "last")]
    assert keys(workflow, way_of(workflow, "deeper", "a")) == [(0, "deep")]


@pytest.mark.parametrize("holder", [("choice", "yes"), ("deeper", "a")])
def test_not_into_itself(workflow, holder):
    before = lifecycle.to_document(workflow)
    with pytest.raises(InsideItself):
        relocate(step(workflow, "choice"), branch=way_of(workflow, *holder), position=0)
    assert lifecycle.to_document(workflow) == before


def test_a_copy_is_inserted_with_keys_of_its_own(workflow):
    source = action("one", text="Hello")
    row = insert_copy(workflow, source, branch=None, position=1)
    assert keys(workflow) == [(0, "one"), (1, "one_2"), (2, "choice"), (3, "last")]
    assert row.inputs == source["inputs"]


def test_more_steps_than_the_format_has(workflow):
    check_limits(workflow)
    for position in range(MAX_STEPS):
        Step.objects.create(workflow=workflow, key=f"more_{position}", position=position + 3)
    with pytest.raises(DefinitionError):
        check_limits(workflow)
