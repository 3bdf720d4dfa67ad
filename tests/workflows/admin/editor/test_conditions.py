import pytest

from stripeflow.workflows.models import Condition
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import errors_of, fill, form_on

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(editor, new_workflow):
    """Fill the first row of a payment's trigger conditions; returns the answer and the saved rows."""

    def save(event_type="payment_intent.succeeded", **boxes):
        trigger = new_workflow(event_type=event_type).trigger
        given = {f"conditions-0-{name}": value for name, value in boxes.items()}
        response = fill(editor, address(trigger), "trigger_form", **given)
        return response, list(trigger.conditions.all())

    return save


def test_the_event_comes_before_conditions(editor, new_workflow):
    trigger = new_workflow(event_type="").trigger
    page = editor.get(address(trigger)).content.decode()
    assert "conditions-0-chosen" not in page
    response = fill(editor, address(trigger), "trigger_form", "_continue", event_type="invoice.paid")
    assert response.url == address(trigger)
    assert "conditions-0-chosen" in editor.get(address(trigger)).content.decode()


def test_events_are_grouped_with_the_suggested_first(editor, new_workflow):
    page = editor.get(address(new_workflow(event_type="").trigger)).content.decode()
    assert page.index('<optgroup label="Suggested">') < page.index('<optgroup label="Payments">')
    assert '<option value="payment_intent.succeeded">Payment intent succeeded</option>' in page


def test_what_cannot_be_an_event_is_refused(editor, new_workflow):
    trigger = new_workflow(event_type="").trigger
    response = fill(editor, address(trigger), "trigger_form", event_type="Payment made up")
    assert "“Payment made up” cannot be an event of Stripe. Choose one from the list." in errors_of(response)


def test_an_event_that_the_list_lacks_is_saved_with_a_warning(editor, new_workflow):
    trigger = new_workflow(event_type="").trigger
    fill(editor, address(trigger), "trigger_form", event_type="invoiceitem.updated")
    trigger.refresh_from_db()
    assert trigger.topics == ("invoiceitem.updated",)
    page = editor.get(address(trigger.workflow)).content.decode()
    assert "does not list the event type “invoiceitem.updated”" in page


@pytest.mark.parametrize(
    ("field", "operator", "boxes", "value"),
    [
        ("amount", "greater_than", {"text": "1,000"}, {"amount": 100000, "currency": "usd"}),
        (
            "amount",
            "less_than",
            {"text": "5,000", "currency": "jpy"},
            {"amount": 5000, "currency": "jpy"},
        ),
        (
            "amount",
            "between",
            {"text": "10", "upper": "20.50"},
            [{"amount": 1000, "currency": "usd"}, {"amount": 2050, "currency": "usd"}],
        ),
        ("currency", "is_one_of", {"text": "usd, eur"}, ["usd", "eur"]),
        ("currency", "is_one_of", {"text": "usd\neur\n"}, ["usd", "eur"]),
        ("description", "is_empty", {}, None),
        ("status", "equal", {"text": "succeeded"}, "succeeded"),
        ("created", "before", {"text": "2026-01-31"}, "2026-01-31T00:00:00+00:00"),
        ("created", "within_last_days", {"text": "7"}, 7),
        ("livemode", "is_true", {}, None),
    ],
)
def test_a_typed_value_becomes_the_rows(row, field, operator, boxes, value):
    response, rows = row(chosen=f"trigger.{field}", operator=operator, **boxes)
    assert response.status_code == 302
    assert [(one.kind, one.field, one.operator, one.value) for one in rows] == [
        ("test", f"trigger.{field}", operator, value)
    ]


@pytest.mark.parametrize(
    ("boxes", "read_as", "value"),
    [
        ({"operator": "greater_than", "text": "１０００", "read_as": "number"}, "number", "1000"),
        ({"operator": "greater_than", "text": "1000"}, "", "1000"),
        ({"operator": "equal", "text": "1000", "read_as": "number"}, "number", "1000"),
        (
            {"operator": "between", "text": "2026-01-31", "upper": "2026-02-28"},
            "",
            ["2026-01-31T00:00:00+00:00", "2026-02-28T00:00:00+00:00"],
        ),
        ({"operator": "within_last_days", "text": "6 hours", "read_as": "date"}, "date", {"hours": 6}),
        ({"operator": "is_true", "read_as": "boolean"}, "boolean", None),
        ({"operator": "equal", "text": "{{ trigger.currency }}"}, "", "{{ trigger.currency }}"),
    ],
)
def test_a_text_is_compared_as_something_else(row, boxes, read_as, value):
    response, rows = row(path="metadata.total", **boxes)
    assert response.status_code == 302, errors_of(response)
    assert [(one.field, one.read_as, one.value) for one in rows] == [
        ("trigger.metadata.total", read_as, value)
    ]


def test_a_path_is_saved_in_the_usual_way(row):
    _response, rows = row(path='trigger["metadata"]["total"]', operator="equal", text="x")
    assert [one.field for one in rows] == ["trigger.metadata.total"]


@pytest.mark.parametrize(
    ("boxes", "message"),
    [
        ({"operator": "equal", "text": "x"}, "Choose a field."),
        ({"chosen": "trigger.amount"}, "Choose how to compare “Payment intent › Amount”."),
        (
            {"chosen": "trigger.amount", "operator": "contains", "text": "1"},
            "“contains” cannot be used for “Payment intent › Amount”. Choose another comparison.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "greater_than", "text": "lots"},
            "“lots” is not an amount such as $1,000.00 USD.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "greater_than", "text": "10.50", "currency": "jpy"},
            "An amount in JPY has no decimals.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "greater_than"},
            "Fill in a value. To test for an empty field, use “is empty”.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "between", "text": "10"},
            "“Between” needs two values: fill in the second box too.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "between", "text": "20", "upper": "10"},
            "The first value is greater than the second.",
        ),
        (
            {"chosen": "trigger.currency", "operator": "is_one_of", "text": " , "},
            "Give a list of 1 to 200 values.",
        ),
        (
            {"path": "steps.made_up.id", "operator": "equal", "text": "x"},
            "“Made up › ID” is not known here. Choose another one from the list.",
        ),
        (
            {"chosen": "trigger.created", "operator": "within_last_days", "text": "soon"},
            "“soon” is not a number of days, hours or minutes, such as “6 hours”.",
        ),
        (
            {"path": "metadata.total", "read_as": "count", "operator": "equal", "text": "1"},
            "“Payment intent › Metadata › total” cannot be read this way for “is equal to”. "
            "Choose something else.",
        ),
        (
            {"path": "metadata.total", "read_as": "number", "operator": "equal", "text": "one"},
            "“one” is not a number.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "equal", "text": "{{ trigger.created }}"},
            "“Payment intent › Created at” is of another type, so that the two cannot be compared.",
        ),
        (
            {"chosen": "trigger.amount", "operator": "equal", "text": "{{ steps.made_up.id }}"},
            "“Made up › ID” is not known here. Choose another one from the list.",
        ),
        (
            {"kind": "list", "chosen": "trigger.amount"},
            "“Payment intent › Amount” is not a list. Choose one, or make this an ordinary condition.",
        ),
    ],
)
def test_a_wrong_row_is_reported_in_a_sentence(row, boxes, message):
    response, rows = row(**boxes)
    assert errors_of(response) == [message]
    assert rows == []


@pytest.mark.parametrize(
    "boxes",
    [
        {"chosen": "trigger.status", "operator": "equal", "text": "paid"},
        {"path": "charges.data", "operator": "is_not_empty"},
        {"path": "a_field_of_tomorrow", "operator": "greater_than", "text": "5"},
    ],
)
def test_what_stripe_may_send_is_saved(row, boxes):
    _response, rows = row(**boxes)
    assert len(rows) == 1


def test_a_date_that_is_none_is_reported(row):
    response, _rows = row(chosen="trigger.created", operator="before", text="tomorrow")
    assert errors_of(response)[0].startswith("“tomorrow” is not a date and time such as ")


@pytest.mark.parametrize("path", ["metadata.tier", "trigger.metadata.tier"])
def test_a_metadata_key_is_typed_as_a_path(row, path):
    response, rows = row(path=path, operator="equal", text="gold")
    assert response.status_code == 302
    assert (rows[0].field, rows[0].value) == ("trigger.metadata.tier", "gold")


def test_a_blank_row_is_ignored(row):
    response, rows = row()
    assert (response.status_code, rows) == (302, [])


def test_saved_rows_are_shown_as_they_were_typed(editor, new_workflow):
    trigger = new_workflow().trigger
    boxes = {"chosen": "trigger.amount", "operator": "between", "text": "1,000", "upper": "2,000.50"}
    fill(editor, address(trigger), "trigger_form", **{f"conditions-0-{n}": v for n, v in boxes.items()})
    page = editor.get(address(trigger))
    sent = form_on(page, "trigger_form")
    shown = {name: sent[f"conditions-0-{name}"] for name in ("chosen", "text", "upper", "currency")}
    assert shown == {"chosen": "trigger.amount", "text": "1,000.00", "upper": "2,000.50", "currency": "usd"}
    assert page.context["read_back"] == "amount is between $1,000.00 USD and $2,000.50 USD"


def test_saving_untouched_rows_changes_nothing(editor, new_workflow):
    trigger = new_workflow().trigger
    for number, path in enumerate(("amount", "metadata.tier")):
        trigger.conditions.create(position=number, field=f"trigger.{path}", operator="is_present")
    before = list(trigger.conditions.values())
    assert fill(editor, address(trigger), "trigger_form").status_code == 302
    assert list(trigger.conditions.values()) == before


def test_rows_are_reordered_and_deleted(editor, new_workflow):
    trigger = new_workflow().trigger
    for number, name in enumerate(("amount", "currency", "status", "created")):
        trigger.conditions.create(position=number, field=f"trigger.{name}", operator="is_present")
    changes = {"conditions-3-order": "1", "conditions-0-order": "3", "conditions-1-DELETE": "on"}
    fill(editor, address(trigger), "trigger_form", **changes)
    rows = list(trigger.conditions.values_list("position", "field"))
    assert rows == [(0, "trigger.created"), (1, "trigger.status"), (2, "trigger.amount")]


def test_an_event_without_the_field_leaves_the_row_and_shows_the_problem(editor, new_workflow):
    trigger = new_workflow().trigger
    row = trigger.conditions.create(field="trigger.amount_received", operator="is_present")
    response = fill(editor, address(trigger), "trigger_form", event_type="customer.created")
    assert response.status_code == 302
    row.refresh_from_db()
    assert row.field == "trigger.amount_received"
    page = editor.get(address(trigger)).content.decode()
    assert "“amount_received” is not in Stripe" in page
    assert "Warnings, which do not prevent activation" in page
    assert "sf-problem-warning" in editor.get(address(trigger.workflow)).content.decode()


def test_groups_have_their_own_page_to_any_depth(editor, new_workflow):
    trigger = new_workflow().trigger
    fill(
        editor,
        address(trigger),
        "trigger_form",
        **{"conditions-0-kind": "group", "conditions-0-match": "any"},
    )
    outer = trigger.conditions.get()
    assert address(outer) in editor.get(address(trigger)).content.decode()
    fill(editor, address(outer), "condition_form", **{"children-0-kind": "group", "children-0-match": "none"})
    inner = outer.children.get()
    response = fill(
        editor,
        address(inner),
        "condition_form",
        **{"children-0-chosen": "trigger.currency", "children-0-operator": "equal", "children-0-text": "eur"},
    )
    assert response.url == address(outer)
    assert inner.children.get().value == "eur"
    assert "currency is equal to EUR" in editor.get(address(trigger)).context["read_back"]


def test_conditions_on_list_items_offer_the_items_fields(editor, new_workflow):
    trigger = new_workflow(event_type="invoice.paid").trigger
    given = {"conditions-0-kind": "list", "conditions-0-chosen": "trigger.lines.data"}
    fill(editor, address(trigger), "trigger_form", **given)
    rows = trigger.conditions.get()
    page = editor.get(address(rows)).content.decode()
    assert '<optgroup label="Each item">' in page
    boxes = {
        "children-0-chosen": "item.amount",
        "children-0-operator": "greater_than",
        "children-0-text": "9.99",
    }
    assert fill(editor, address(rows), "condition_form", **boxes).status_code == 302
    child = rows.children.get()
    assert (child.field, child.value) == ("item.amount", {"amount": 999, "currency": "usd"})


def test_a_single_test_has_no_page(editor, new_workflow):
    row = new_workflow().trigger.conditions.create(field="trigger.amount", operator="is_present")
    assert editor.get(address(row)).status_code == 404


def test_a_branch_offers_what_earlier_steps_give(editor, new_workflow):
    workflow = new_workflow("Fraud", "radar.early_fraud_warning.created")
    workflow.steps.create(key="retrieve", name="Look it up", action="stripe.charges.retrieve", position=0)
    where = address("step", "add_block", kind="branch", workflow=workflow.pk, position=1)
    page = editor.get(editor.post(where, {"revision": workflow.revision}).url).content.decode()
    assert '<optgroup label="Look it up">' in page
    assert 'value="steps.retrieve.amount"' in page


def test_a_branch_before_the_step_does_not_offer_it(editor, new_workflow):
    workflow = new_workflow("Fraud", "radar.early_fraud_warning.created")
    workflow.steps.create(key="retrieve", action="stripe.charges.retrieve", position=0)
    where = address("step", "add_block", kind="branch", workflow=workflow.pk, position=0)
    page = editor.get(editor.post(where, {"revision": workflow.revision}).url).content.decode()
    assert "steps.retrieve" not in page


def test_the_rows_of_another_trigger_are_not_reached(editor, new_workflow):
    mine, other = new_workflow("Mine").trigger, new_workflow("Other").trigger
    mine.conditions.create(field="trigger.amount", operator="is_present")
    theirs = other.conditions.create(field="trigger.status", operator="is_present")
    fill(
        editor,
        address(mine),
        "trigger_form",
        **{"conditions-0-id": str(theirs.pk), "conditions-0-DELETE": "on"},
    )
    assert Condition.objects.filter(pk=theirs.pk).exists()
