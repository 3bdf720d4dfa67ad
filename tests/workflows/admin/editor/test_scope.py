"""Which events start a workflow, chosen on the trigger's page, and told on cards, lists and tests."""

import pytest

from stripeflow.workflows.drafts import editing
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import errors_of, fill
from tests.workflows.documents import EVERYTHING, action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

LIVE = {"mode": "live", "accounts": "own"}


def save(editor, workflow, **boxes):
    """Fill the trigger's form and save it; the answer, and the trigger of the document."""
    response = fill(editor, address(workflow.trigger), "trigger_form", **boxes)
    workflow.trigger.refresh_from_db()
    return response, to_document(workflow)["trigger"]


def page_of(client, workflow):
    return client.get(address(workflow)).content.decode()


@pytest.mark.parametrize(
    ("test_key", "live_key", "mode"),
    [
        ("sk_test_1", "", "test"),
        ("sk_test_1", "sk_live_1", "live"),
        ("", "sk_live_1", "live"),
        ("", "", "live"),
    ],
)
def test_a_new_workflow_takes_events_of_the_own_account(settings, new_workflow, test_key, live_key, mode):
    settings.STRIPE_TEST_SECRET_KEY, settings.STRIPE_LIVE_SECRET_KEY = test_key, live_key
    assert to_document(new_workflow())["trigger"]["scope"] == {"mode": mode, "accounts": "own"}


@pytest.mark.parametrize(
    ("boxes", "scope"),
    [
        ({"mode": "both", "accounts": "all"}, EVERYTHING),
        ({"mode": "test", "accounts": "connected"}, {"mode": "test", "accounts": "connected"}),
        (
            {"mode": "live", "accounts": "listed", "listed_accounts": "acct_1\r\nacct_2, acct_1"},
            {"mode": "live", "accounts": ["acct_1", "acct_2"]},
        ),
        # What is listed counts only where a list is asked for.
        ({"mode": "live", "accounts": "own", "listed_accounts": "acct_1"}, LIVE),
    ],
)
def test_the_form_chooses_mode_and_accounts(editor, new_workflow, boxes, scope):
    response, trigger = save(editor, new_workflow(), **boxes)
    assert response.status_code == 302
    assert trigger["scope"] == scope


@pytest.mark.parametrize(
    ("boxes", "error"),
    [
        (
            {"accounts": "listed", "listed_accounts": ""},
            "Name the connected accounts whose events start the workflow.",
        ),
        (
            {"accounts": "listed", "listed_accounts": "cus_1"},
            "“cus_1” is not the ID of an account. It begins with “acct_”.",
        ),
    ],
)
def test_a_list_needs_ids_of_accounts(editor, new_workflow, boxes, error):
    workflow = new_workflow()
    response, _trigger = save(editor, workflow, **boxes)
    assert error in errors_of(response)


def test_saving_something_else_leaves_the_scope_unchosen_until_somebody_chooses(editor):
    workflow = lifecycle.create(document(action("one", text="a"), scope=None))
    _response, trigger = save(editor, workflow, match="any")
    assert "scope" not in trigger
    assert "not chosen yet" in page_of(editor, workflow)
    response, _trigger = save(editor, workflow, mode="live")
    assert errors_of(response) == ["Choose this as well."]
    _response, trigger = save(editor, workflow, **LIVE)
    assert trigger["scope"] == LIVE
    page = page_of(editor, workflow)
    assert "Live events of your own account" in page
    assert "not chosen yet" not in page


def test_the_list_marks_what_nobody_has_chosen(editor):
    lifecycle.create(document(action("one", text="a"), scope=None, name="Old"))
    lifecycle.create(document(action("one", text="a"), scope=LIVE, name="New"))
    assert editor.get(address("workflow", "changelist")).content.decode().count("not chosen yet") == 1


def test_an_old_version_that_still_runs_is_marked_too(editor, recorder):
    workflow = lifecycle.create(document(action("one", text="a"), scope=None))
    lifecycle.activate(workflow)
    editing.update(workflow, document(action("one", text="a"), scope=LIVE), revision=workflow.revision)
    assert "not chosen yet" in editor.get(address("workflow", "changelist")).content.decode()
    lifecycle.activate(workflow)
    assert "not chosen yet" not in editor.get(address("workflow", "changelist")).content.decode()


def test_several_events_are_chosen_and_taken_away(editor, new_workflow):
    workflow = new_workflow(event_type="charge.refunded")
    _response, trigger = save(editor, workflow, **{"event_type-1": "refund.created"})
    assert trigger["event_type"] == ["charge.refunded", "refund.created"]
    assert "Charge refunded or Refund created" in page_of(editor, workflow)
    _response, trigger = save(editor, workflow, **{"event_type-2": "refund.created"})
    assert trigger["event_type"] == ["charge.refunded", "refund.created"]
    _response, trigger = save(editor, workflow, **{"event_type-1-remove": "1"})
    assert trigger["event_type"] == "charge.refunded"


def test_fields_of_every_event_can_be_tested(editor, new_workflow):
    workflow = new_workflow(event_type="charge.refunded")
    save(editor, workflow, **{"event_type-1": "refund.created"})
    page = editor.get(address(workflow.trigger)).content.decode()
    # One that only a charge has, and one that only a refund has.
    assert 'value="trigger.receipt_email"' in page
    assert 'value="trigger.failure_reason"' in page


@pytest.mark.parametrize("query", ["?event=refund.created", "?q=refund.created"])
def test_the_list_finds_a_workflow_by_each_of_its_events(editor, query):
    events = ["charge.refunded", "refund.created"]
    lifecycle.create(document(action("one", text="a"), event_type=events, name="Found"))
    lifecycle.create(document(action("one", text="a"), event_type="refund.failed", name="Other"))
    page = editor.get(address("workflow", "changelist") + query).content.decode()
    assert ">Found" in page
    assert ">Other" not in page


def test_why_it_did_not_run_says_so_on_its_page(client_with, recorder, queue):
    workflow = lifecycle.create(document(action("one", text="a"), scope=LIVE))
    lifecycle.activate(workflow)
    event = accept(payment(), livemode=False)
    client = client_with("view_workflow", "view_run", "view_event", username="reader")
    page = client.get(address("run", "why"), {"event": event.external_id}, follow=True).content.decode()
    assert "The event is a test event; this workflow takes live ones." in page


@pytest.mark.parametrize("chosen", ["start", "ignore"])
def test_the_form_chooses_whether_events_that_workflows_cause_start_it(editor, new_workflow, chosen):
    workflow = new_workflow()
    response, trigger = save(editor, workflow, caused_events=chosen)
    assert response.status_code == 302
    assert trigger["caused_events"] == chosen
    _response, trigger = save(editor, workflow, caused_events="")
    assert "caused_events" not in trigger


def test_the_card_and_the_review_tell_of_events_that_workflows_cause(editor, money):
    workflow = lifecycle.create(document(money))
    assert "none that workflows cause" in page_of(editor, workflow)
    review = editor.get(address(workflow, "activate")).content.decode()
    assert "Events that workflows cause do not start it." in review
    opened = document(money)
    opened["trigger"]["caused_events"] = "start"
    editing.update(workflow, opened, revision=workflow.revision)
    assert "none that workflows cause" not in page_of(editor, workflow)
    review = editor.get(address(workflow, "activate")).content.decode()
    assert (
        "Events that other workflows cause start it, too: anybody who may publish a workflow "
        "that changes what its conditions read can set it off." in review
    )
