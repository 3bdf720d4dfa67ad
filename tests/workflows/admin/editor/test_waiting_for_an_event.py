"""The step that waits for an event, in the editor."""

import pytest

from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Branch, Condition, Step
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill

pytestmark = pytest.mark.django_db


@pytest.fixture
def step(editor, new_workflow):
    workflow = new_workflow()
    where = address("step", "add_block", workflow=workflow.pk, position=0, kind="wait_for_event")
    editor.post(where, {"revision": workflow.revision})
    return Step.objects.get(workflow=workflow)


def test_it_is_filled_in_and_read_back(editor, step):
    given = {"event": "invoice.paid", "same_as": "customer", "amount": "3", "unit": "days"}
    fill(editor, address(step), "step_form", **{f"inputs-{name}": value for name, value in given.items()})
    document = to_document(step.workflow)["steps"][0]
    assert document["inputs"] == {**given, "amount": 3}
    canvas = editor.get(address(step.workflow)).content.decode()
    assert "Wait for Invoice paid" in canvas
    assert "Invoice paid, same customer" in canvas
    assert "If the time is up" in canvas


def test_it_offers_the_steps_that_have_ended(editor, step):
    workflow = step.workflow
    where = address("step", "add_block", workflow=workflow.pk, position=0, kind="wait")
    editor.post(where, {"revision": workflow.revision})
    first = Step.objects.get(workflow=workflow, kind="wait")
    Step.objects.filter(pk=first.pk).update(name="Three days")
    since = f"steps.{first.key}"
    assert (
        f'<option value="{since}">Since “Three days” ended</option>'
        in editor.get(address(step)).content.decode()
    )
    fill(editor, address(step), "step_form", **{"inputs-event": "invoice.paid", "inputs-since": since})
    document = to_document(workflow)["steps"][1]
    assert document["inputs"]["since"] == since
    assert "Since “Three days” ended" in editor.get(address(workflow)).content.decode()
    # The step that it names can be deleted, and is still called by its name.
    first.delete()
    assert "Since “" in editor.get(address(step)).content.decode()


def test_its_branches_have_conditions_on_the_event(editor, step):
    fill(editor, address(step), "step_form", **{"inputs-event": "invoice.paid", "inputs-same_as": "customer"})
    branch = Branch.objects.get(step=step, key="event")
    page = editor.get(address(branch)).content.decode()
    assert f"steps.{step.key}.amount_paid" in page
    given = {"chosen": f"steps.{step.key}.amount_paid", "operator": "greater_than", "text": "10"}
    boxes = {f"conditions-0-{name}": value for name, value in given.items()}
    fill(editor, address(branch), "branch_form", **boxes)
    lane = to_document(step.workflow)["steps"][0]["branches"][0]
    assert lane["conditions"]["conditions"][0]["operator"] == "greater_than"
    assert "amount paid is greater than $10.00" in editor.get(address(step.workflow)).content.decode().lower()


def test_the_trigger_says_what_ends_its_runs(editor, new_workflow):
    trigger = new_workflow().trigger
    given = {"cancel_when-0-event": "invoice.paid", "cancel_when-0-same_as": "customer"}
    fill(editor, address(trigger), "trigger_form", **given)
    assert to_document(trigger.workflow)["trigger"]["cancel_when"] == [
        {"event": "invoice.paid", "same_as": "customer"}
    ]
    canvas = editor.get(address(trigger.workflow)).content.decode()
    assert "Canceled when" in canvas
    # Saved again without a change, it stays; without its event, it goes.
    fill(editor, address(trigger), "trigger_form")
    assert trigger.cancel_events.count() == 1
    fill(editor, address(trigger), "trigger_form", **{"cancel_when-0-event": ""})
    assert not trigger.cancel_events.exists()


def test_an_event_that_cancels_has_conditions_on_a_page_of_its_own(editor, new_workflow):
    trigger = new_workflow().trigger
    given = {"cancel_when-0-event": "charge.refunded", "cancel_when-1-event": "invoice.paid"}
    fill(editor, address(trigger), "trigger_form", **given)
    event = trigger.cancel_events.get(event="invoice.paid")
    assert address(event) in editor.get(address(trigger)).content.decode()
    row = {"chosen": "canceled_by.amount_paid", "operator": "greater_than", "text": "10"}
    boxes = {f"conditions-0-{name}": value for name, value in row.items()}
    fill(editor, address(event), "cancelevent_form", **boxes)
    sentence = "Invoice paid › Amount paid is greater than $10.00 USD"
    for page in (trigger.workflow, trigger, event):
        assert sentence in editor.get(address(page)).content.decode()
    # The first event goes; the conditions stay with their own.
    fill(editor, address(trigger), "trigger_form", **{"cancel_when-0-event": ""})
    (left,) = to_document(trigger.workflow)["trigger"]["cancel_when"]
    assert (left["event"], len(left["conditions"]["conditions"])) == ("invoice.paid", 1)


def test_a_problem_of_its_conditions_leads_to_that_page(editor, new_workflow):
    trigger = new_workflow().trigger
    fill(editor, address(trigger), "trigger_form", **{"cancel_when-0-event": "invoice.paid"})
    event = trigger.cancel_events.get()
    Condition.objects.create(cancel_event=event, field="steps.gone.amount", operator="is_present")
    canvas = editor.get(address(trigger.workflow)).content.decode()
    assert f"{address(event)}#id_conditions-0-chosen" in canvas
    assert "is not known here" not in editor.get(address(trigger)).content.decode()
