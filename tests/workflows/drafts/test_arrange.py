import pytest

from stripeflow.workflows.drafts import arrange
from stripeflow.workflows.models import Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, group, way


@pytest.mark.parametrize(
    ("text", "taken", "key"),
    [
        ("Retrieve a charge", (), "retrieve_a_charge"),
        ("Retrieve a charge", ("retrieve_a_charge", "retrieve_a_charge_2"), "retrieve_a_charge_3"),
        ("Zoë’s — note!", (), "zoes_note"),
        ("1 more", (), "step_1_more"),
        ("日本", (), "step"),
        ("", ("step",), "step_2"),
        ("x" * 200, (), "x" * 50),
    ],
)
def test_a_free_key(text, taken, key):
    assert arrange.free_key(text, taken, fallback="step") == key


@pytest.fixture
def workflow(db):
    inner = way("yes", group(compare("steps.one.amount", "is_present")), action("inside"))
    steps = (action("one"), branch("choice", inner), action("last", text="{{ steps.one.id }}"))
    return lifecycle.create(document(*steps))


def keys(workflow, branch=None):
    return list(Step.objects.filter(workflow=workflow, branch=branch).values_list("position", "key"))


@pytest.mark.parametrize(
    ("position", "order"),
    [
        (0, ["new", "one", "choice", "last"]),
        (2, ["one", "choice", "new", "last"]),
        (99, ["one", "choice", "last", "new"]),
    ],
)
def test_a_step_is_inserted_and_the_level_numbered(workflow, position, order):
    arrange.insert(Step(workflow=workflow, key="new"), position)
    assert keys(workflow) == list(enumerate(order))


def test_inserting_into_a_branch_leaves_the_others_alone(workflow):
    home = workflow.steps.get(key="choice").branches.get(otherwise=False)
    before = keys(workflow)
    arrange.insert(Step(workflow=workflow, branch=home, key="new"), 0)
    assert keys(workflow, home) == [(0, "new"), (1, "inside")]
    assert keys(workflow) == before


def test_the_first_step_does_not_move_up(workflow):
    assert arrange.move(workflow.steps.get(key="one"), -1) is False
    assert keys(workflow) == [(0, "one"), (1, "choice"), (2, "last")]


def test_a_removed_step_leaves_no_gap(workflow):
    arrange.remove(workflow.steps.get(key="choice"))
    assert keys(workflow) == [(0, "one"), (1, "last")]
    assert not Step.objects.filter(key="inside").exists()


def test_the_users_of_a_step_are_found_in_inputs_and_conditions(workflow):
    users = arrange.users_of(workflow.steps.get(key="one"))
    assert {step.key for step in users} == {"choice", "last"}


@pytest.mark.parametrize(
    "asked",
    [
        group(group(compare("steps.one.text", "equal", "a")), compare("trigger.amount", "is_empty")),
        group(compare("trigger.description", "equal", "{{ steps.one.text }}")),
    ],
    ids=["in a group", "as the other field"],
)
def test_a_user_is_found_wherever_its_conditions_refer_to_the_step(recorder, db, asked):
    one, choice = action("one", text="a"), branch("choice", way("large", asked))
    workflow = lifecycle.create(document(one, choice))
    assert [step.key for step in arrange.users_of(workflow.steps.get(key="one"))] == ["choice"]


def test_a_step_with_a_longer_key_is_no_user(workflow):
    workflow.steps.filter(key="last").update(inputs={"text": "{{ steps.one_more.id }}"})
    users = arrange.users_of(workflow.steps.get(key="one"))
    assert {step.key for step in users} == {"choice"}


def test_steps_within_to_any_depth(workflow):
    assert [step.key for step in arrange.steps_within(workflow.steps.get(key="choice"))] == ["inside"]
