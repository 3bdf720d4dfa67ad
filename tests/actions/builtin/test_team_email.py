import pytest
from django.core import mail as outbox

from stripeflow.actions import registry
from stripeflow.actions.errors import InvalidInput, PermanentError

EMAIL = registry.get("email.team_member")


def inputs(**changes):
    rows = [{"label": "Customer ID", "value": "cus_1"}, {"label": "Amount", "value": 200_000}]
    return {"to": ["editor"], "subject": "Pack it", "body": "Add a note.", "append": rows, **changes}


def test_sends_one_message_to_everybody_named(staff, context):
    staff("editor")
    staff("approver")
    answer = EMAIL.execute(inputs(to=["editor", "approver"]), context)
    assert len(outbox.outbox) == 1
    assert outbox.outbox[0].to == ["editor@example.com", "approver@example.com"]
    assert answer == {
        "message_id": outbox.outbox[0].message()["Message-ID"],
        "subject": "Pack it",
        "recipients": ["editor@example.com", "approver@example.com"],
        "skipped": [],
    }


def test_outputs_are_declared(staff, context):
    staff("editor")
    answer = EMAIL.execute(inputs(), context)
    assert set(answer) == {field.name for field in EMAIL.outputs.fields}


def test_appended_values_follow_the_body(staff, context):
    staff("editor")
    EMAIL.execute(inputs(), context)
    assert "Add a note.\n\nCustomer ID: cus_1\nAmount: 200000\n" in outbox.outbox[0].body


@pytest.mark.parametrize(
    "fields",
    [
        {"is_active": False},
        {"is_staff": False},
        {"email": ""},
        {"email": "a@example.com, b@example.com"},
        {"email": "a@example.com\nBcc: b@example.com"},
    ],
)
def test_people_who_cannot_be_written_to_are_skipped(staff, context, fields):
    staff("editor")
    staff("other", **fields)
    answer = EMAIL.execute(inputs(to=["other", "editor", "unknown"]), context)
    assert (answer["recipients"], answer["skipped"]) == (["editor@example.com"], ["other", "unknown"])


def test_nobody_left_fails_for_good(staff, context):
    staff("editor", is_active=False)
    with pytest.raises(PermanentError, match="Nobody in “To” is an active staff user") as caught:
        EMAIL.execute(inputs(), context)
    assert caught.value.code == "no_recipients"
    assert outbox.outbox == []


def test_event_data_cannot_add_a_header(staff, context):
    staff("editor")
    EMAIL.execute(inputs(subject="Hi\r\nBcc: x@example.com"), context)
    message = outbox.outbox[0].message()
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: x@example.com"


@pytest.mark.parametrize("name", ["to", "subject", "body"])
def test_required_inputs_are_named(context, name):
    label = {"to": "To", "subject": "Subject", "body": "Body"}[name]
    with pytest.raises(InvalidInput, match=f"“{label}” has no value in this run."):
        EMAIL.execute(inputs(**{name: None}), context)


def test_preview_shows_the_message_and_sends_nothing(staff, context):
    staff("editor")
    preview = EMAIL.preview(inputs(), context)
    assert (preview.subject, preview.recipients) == ("Pack it", ("editor@example.com",))
    assert "Customer ID: cus_1" in preview.text
    assert "cus_1</td>" in preview.html
    assert outbox.outbox == []


def test_preview_works_on_an_unfinished_step(db, context):
    preview = EMAIL.preview({}, context)
    assert (preview.subject, preview.recipients) == ("", ())


def test_is_never_repeated_by_itself():
    assert not EMAIL.repeat.is_automatic
