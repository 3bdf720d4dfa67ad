"""What Stripe may send and its list lacks: chosen all the same, and warned of."""

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened
from tests.workflows.documents import action, compare, document, group

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def older(editor, house):
    """The page of a workflow that uses what only older API versions of Stripe have."""
    mail = {"to": ["admin"], "subject": "{{ trigger.subscription }}", "body": "A {{ trigger.id }}"}
    conditions = group(compare("trigger.custom_thing", "is_not_empty"))
    made = document(
        action("mail", "email.team_member", **mail), event_type="invoice.paid", conditions=conditions
    )
    return opened(editor, house.api.post("workflows/", made)["id"])


def test_warnings_stand_beside_their_pieces_and_above_the_canvas(older):
    told = older.page.locator(".sf-notice-warning li")
    expect(told.filter(has_text="“custom_thing” is not in Stripe's API version")).to_have_count(1)
    expect(told.filter(has_text="“subscription” is not in Stripe's API version")).to_have_count(1)
    expect(older.stage.locator(".sf-card-trigger .sf-problem-warning")).not_to_have_count(0)
    expect(older.stage.locator(".sf-card-wrong")).to_have_count(0)


def test_an_event_that_the_list_lacks_is_typed(older):
    older.editor.card("Invoice paid").get_by_role("link").first.click()
    older.panel.get_by_role("button", name="Invoice paid").click()
    older.page.keyboard.type("invoice.no_such_event_yet")
    older.page.keyboard.press("Enter")
    older.editor.save()
    expect(older.page.locator(".sf-notice-warning li").first).to_contain_text(
        "does not list the event type “invoice.no_such_event_yet”"
    )
