"""The unsaved conditions of a page as a sentence."""

import pytest

from stripeflow.workflows.models import Condition
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_on

pytestmark = pytest.mark.django_db
AMOUNT = {"chosen": "trigger.amount", "operator": "greater_than", "text": "1,000"}


@pytest.fixture
def trigger(new_workflow):
    return new_workflow().trigger


def rows(*given, prefix="conditions"):
    boxes = [(f"{prefix}-{number}", row) for number, row in enumerate(given)]
    sent = {f"{start}-{name}": value for start, row in boxes for name, value in row.items()}
    return {**sent, f"{prefix}-TOTAL_FORMS": str(len(given))}


def told(client, piece, form_id="trigger_form", **boxes):
    """What the page's form with these boxes means, without its markup."""
    sent = form_on(client.get(address(piece)), form_id) | boxes
    return " ".join(client.post(address(piece, "sentence"), sent).content.decode().split())


def test_unsaved_rows_are_read_back_and_not_saved(editor, trigger):
    before = lifecycle.to_document(trigger.workflow)
    second = {"chosen": "trigger.status", "operator": "equal", "text": "succeeded", "currency": "usd"}
    text = told(editor, trigger, **rows({**AMOUNT, "currency": "usd"}, second))
    assert text.endswith("if amount is greater than $1,000.00 USD and status is equal to succeeded")
    assert lifecycle.to_document(trigger.workflow) == before


def test_a_text_that_is_read_as_a_number_says_so(editor, trigger):
    row = {"chosen": "trigger.description", "operator": "greater_than", "text": "5", "read_as": "number"}
    text = told(editor, trigger, **rows({**row, "currency": "usd"}))
    assert text.endswith("if description as a number is greater than 5")


def test_how_they_combine_is_read_from_the_form(editor, trigger):
    second = {"chosen": "trigger.status", "operator": "equal", "text": "succeeded", "currency": "usd"}
    text = told(editor, trigger, match="any", **rows({**AMOUNT, "currency": "usd"}, second))
    assert "USD or status" in text


def test_a_row_that_is_not_complete_is_left_out_and_counted(editor, trigger):
    text = told(editor, trigger, **rows({**AMOUNT, "currency": "usd"}, {"chosen": "trigger.status"}))
    assert "if amount is greater than $1,000.00 USD <span" in text
    assert "1 condition is not complete yet, and is left out here." in text


def test_no_conditions_are_reported_too(editor, trigger):
    assert told(editor, trigger).endswith("no conditions.")


def test_a_saved_row_is_changed_and_another_deleted(editor, trigger):
    fill(editor, address(trigger), "trigger_form", **rows({**AMOUNT, "currency": "usd"}))
    trigger.conditions.create(position=1, field="trigger.status", operator="equal", value="succeeded")
    boxes = {"conditions-0-text": "2,000", "conditions-1-DELETE": "on"}
    assert told(editor, trigger, **boxes).endswith("if amount is greater than $2,000.00 USD")
    assert trigger.conditions.count() == 2


def test_the_typed_order_is_followed(editor, trigger):
    trigger.conditions.create(position=0, field="trigger.status", operator="equal", value="succeeded")
    trigger.conditions.create(position=1, field="trigger.currency", operator="equal", value="usd")
    boxes = {"conditions-0-order": "2", "conditions-1-order": "1"}
    assert told(editor, trigger, **boxes).endswith(
        "if currency is equal to USD and status is equal to succeeded"
    )


def test_groups_inside_are_read_back_as_they_are_saved(editor, trigger):
    group = trigger.conditions.create(kind="group", match="any")
    for position, status in enumerate(("succeeded", "processing")):
        group.children.create(position=position, field="trigger.status", operator="equal", value=status)
    text = told(editor, trigger)
    assert "status is equal to succeeded or status is equal to processing" in text
    assert "none of" in told(editor, trigger, **{"conditions-0-match": "none"})


def test_an_empty_group_says_nothing(editor, trigger):
    trigger.conditions.create(kind="group", match="any")
    assert told(editor, trigger).endswith("no conditions.")


def test_another_event_brings_its_own_fields(editor, trigger):
    row = {"chosen": "trigger.amount_due", "operator": "greater_than", "text": "5", "currency": "eur"}
    text = told(editor, trigger, event_type="invoice.paid", **rows(row))
    assert text.endswith("if amount due is greater than €5.00 EUR")


def test_conditions_on_the_items_of_a_list(editor, new_workflow):
    trigger = new_workflow(event_type="invoice.paid").trigger
    items = trigger.conditions.create(kind="list", field="trigger.lines.data", quantifier="any", match="all")
    row = {"chosen": "item.amount", "operator": "greater_than", "text": "5", "currency": "usd"}
    assert "amount is greater than $5.00 USD" in told(
        editor, items, "condition_form", **rows(row, prefix="children")
    )


def test_only_a_posted_form_of_an_existing_piece_is_read(editor, trigger):
    where = address(trigger, "sentence")
    assert editor.get(where).status_code == 404
    assert editor.post(where.replace(f"/{trigger.pk}/", "/999999/"), {}).status_code == 404


def test_it_is_for_editors(client_with, trigger):
    client = client_with("view_workflow", "view_payload", username="viewer")
    assert client.post(address(trigger, "sentence"), {}).status_code == 403


@pytest.mark.parametrize("total", ["x", "100000", "-1", None])
def test_a_broken_form_is_reported_as_one_without_conditions(editor, trigger, total):
    sent = {"match": "all"} | ({} if total is None else {"conditions-TOTAL_FORMS": total})
    response = editor.post(address(trigger, "sentence"), sent)
    assert response.status_code == 200
    assert not Condition.objects.exists()
