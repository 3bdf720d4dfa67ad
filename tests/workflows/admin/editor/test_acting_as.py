"""A step that calls Stripe may act as the platform: chosen in its form, and told on its card."""

import pytest

from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_on
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

RETRIEVE = action("one", "stripe.charges.retrieve", charge="ch_1")


def step_of(document_or_step):
    return lifecycle.create(document(document_or_step)).steps.get()


def test_it_is_chosen_and_shown(editor):
    step = step_of(RETRIEVE)
    assert form_on(editor.get(address(step)), "step_form")["acts_as"] == "event"
    assert "as the platform" not in editor.get(address(step.workflow)).content.decode()
    fill(editor, address(step), "step_form", acts_as="platform")
    assert to_document(step.workflow)["steps"] == [{**RETRIEVE, "acts_as": "platform"}]
    assert "as the platform" in editor.get(address(step.workflow)).content.decode()
    # Saving something else keeps it.
    fill(editor, address(step), "step_form", name="Look it up")
    assert to_document(step.workflow)["steps"][0]["acts_as"] == "platform"
    fill(editor, address(step), "step_form", acts_as="event")
    assert "acts_as" not in to_document(step.workflow)["steps"][0]


def test_a_step_that_calls_nobody_is_not_asked(editor):
    step = step_of(action("one", text="a"))
    assert "acts_as" not in form_on(editor.get(address(step)), "step_form")


def test_a_new_step_may_choose_it_at_once(editor):
    workflow = step_of(RETRIEVE).workflow
    where = address("step", "add", workflow=workflow.pk, position=1, action="stripe.charges.retrieve")
    fill(editor, where, "step_form", acts_as="platform", **{"inputs-charge": "ch_2"})
    assert to_document(workflow)["steps"][1]["acts_as"] == "platform"
