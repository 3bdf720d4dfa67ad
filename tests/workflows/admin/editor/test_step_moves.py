"""Moving, copying and pasting steps."""

import pytest

from stripeflow.workflows.models import Step, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address

pytestmark = pytest.mark.django_db


@pytest.fixture
def workflow(editor):
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))


@pytest.fixture
def other(editor):
    return lifecycle.create(template("personalize_orders").document({"recipients": ["editor"]}))


def step(workflow, key):
    return workflow.steps.get(key=key)


def place(workflow, key="is_small", otherwise=True):
    return f"{step(workflow, key).branches.get(otherwise=otherwise).pk}:0"


def top(workflow):
    return list(Step.objects.filter(workflow=workflow, branch=None).values_list("key", flat=True))


def revision(workflow):
    return Workflow.objects.values_list("revision", flat=True).get(pk=workflow.pk)


def test_a_step_moves_into_a_branch(editor, workflow):
    target = place(workflow)
    response = editor.post(
        address(step(workflow, "retrieve_charge"), "place"), {"place": target, "revision": 1}
    )
    assert response.url == address(workflow) + "#step-retrieve_charge"
    assert top(workflow) == ["is_small"]
    assert str(step(workflow, "retrieve_charge").branch_id) == target.split(":")[0]


def test_the_page_offers_every_other_place(editor, workflow):
    page = editor.get(address(step(workflow, "retrieve_charge"), "place"))
    offered = {level.label: [label for _value, label in level.places] for level in page.context["levels"]}
    assert offered == {
        "The workflow itself": ["After “Is it less than the dispute fee?”"],
        "Is it less than the dispute fee? › Retrieve the charge › Amount is less than $15.00 USD": [
            "At the beginning",
            "After “Refund the charge”",
        ],
        "Is it less than the dispute fee? › All other cases": [
            "At the beginning",
            "After “Ask a team member to investigate”",
        ],
    }


def test_a_branch_step_is_not_offered_its_own_branches(editor, workflow):
    page = editor.get(address(step(workflow, "is_small"), "place"))
    assert [level.label for level in page.context["levels"]] == ["The workflow itself"]


def test_a_step_does_not_move_into_itself(editor, workflow):
    where = address(step(workflow, "is_small"), "place")
    response = editor.post(where, {"place": place(workflow), "revision": 1}, follow=True)
    assert "cannot be moved into itself" in response.content.decode()
    assert (top(workflow), revision(workflow)) == (["retrieve_charge", "is_small"], 1)


@pytest.mark.parametrize("target", ["", "0", "x:0", ":x", "999999:0", ":-1"])
def test_places_that_are_none(editor, workflow, target):
    where = address(step(workflow, "retrieve_charge"), "place")
    assert editor.post(where, {"place": target, "revision": 1}).status_code == 404


def test_a_place_of_another_workflow_is_none(editor, workflow):
    stranger = lifecycle.create(template("fraud_warnings").document({"recipients": ["editor"]}))
    where = address(step(workflow, "retrieve_charge"), "place")
    assert editor.post(where, {"place": place(stranger), "revision": 1}).status_code == 404


def test_a_step_is_copied_into_another_workflow(editor, workflow, other):
    editor.post(address(step(workflow, "is_small"), "copy"))
    gallery = address("step", "add", workflow=other.pk, position=0)
    assert "Paste “Is it less than the dispute fee?”" in editor.get(gallery).content.decode()
    editor.post(address("step", "paste", workflow=other.pk, position=0), {"revision": 1})
    assert top(other)[0] == "is_small"
    assert step(other, "refund_charge").branch.step == step(other, "is_small")


def test_a_copy_in_the_same_workflow_has_keys_of_its_own(editor, workflow):
    editor.post(address(step(workflow, "retrieve_charge"), "copy"))
    editor.post(address("step", "paste", workflow=workflow.pk, position=1), {"revision": 1})
    assert top(workflow) == ["retrieve_charge", "retrieve_charge_2", "is_small"]


def test_nothing_to_paste(editor, workflow):
    where = address("step", "paste", workflow=workflow.pk, position=0)
    response = editor.post(where, {"revision": 1}, follow=True)
    assert "There is no copied step any more." in response.content.decode()
    assert revision(workflow) == 1


@pytest.mark.parametrize("view", ["place", "copy"])
def test_moves_need_change_permission(client_with, workflow, view):
    client = client_with("view_workflow", "activate_workflow")
    where = address(step(workflow, "retrieve_charge"), view)
    assert client.post(where, {"place": ":0", "revision": 1}).status_code == 403


def test_pasting_needs_change_permission(client_with, workflow):
    client = client_with("view_workflow", "activate_workflow")
    where = address("step", "paste", workflow=workflow.pk, position=0)
    assert client.post(where, {"revision": 1}).status_code == 403


def test_changes_are_not_made_by_a_link(editor, workflow):
    assert editor.get(address(step(workflow, "retrieve_charge"), "copy")).status_code == 404
    assert editor.get(address("step", "paste", workflow=workflow.pk, position=0)).status_code == 404


@pytest.mark.parametrize("view", ["place", "paste"])
def test_an_archived_workflow_stays_as_it_is(editor, workflow, view):
    where = {
        "place": address(step(workflow, "retrieve_charge"), "place"),
        "paste": address("step", "paste", workflow=workflow.pk, position=0),
    }[view]
    editor.post(address(step(workflow, "retrieve_charge"), "copy"))
    editor.post(address(step(workflow, "retrieve_charge"), "move"), {"direction": "down", "revision": 1})
    before = lifecycle.to_document(workflow)
    lifecycle.archive(workflow)
    response = editor.post(where, {"place": ":0", "revision": 2}, follow=True)
    assert "archived" in response.content.decode()
    assert lifecycle.to_document(workflow) == before
