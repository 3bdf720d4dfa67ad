"""Steps that loop, ask and wait: on the canvas, on the page of a run, and on the page of its items."""

import os

import pytest
from playwright.sync_api import expect

from stripeflow_site.standin.payloads import payment_intent
from tests.browser.canvas import opened as canvas_of
from tests.browser.test_accessibility import faults as faults_of
from tests.workflows.approvals import approval
from tests.workflows.blocks.loop.steps import loop
from tests.workflows.blocks.waits.steps import event_lane, wait_for_event
from tests.workflows.documents import document

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NOTE = {"key": "say", "type": "note", "name": "", "inputs": {"text": "{{ item.id }}"}}
WAITING = ("waiting",)


def picture(page, name):
    if folder := os.environ.get("STRIPEFLOW_PICTURES"):
        for width in (1440, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
        page.set_viewport_size({"width": 1440, "height": 900})


@pytest.fixture
def pay(house):
    """Posts a payment of one customer that holds a list, and returns the event's id."""

    def post():
        lines = [{"id": f"il_{number}", "object": "line_item", "amount": 500} for number in range(3)]
        given = payment_intent(amount=1500, currency="usd", customer="cus_1", rows=lines)
        return house.post_event("payment_intent.succeeded", given)

    return post


def faults(editor):
    """What axe calls serious. Its own script breaks the page's rules, of which the console complains."""
    complaints = [*editor.page.complaints]
    found = faults_of(editor)
    editor.page.complaints[:] = complaints
    return found


def activated(house, *steps, name):
    return house.activate_document(document(*steps, name=name))


def test_a_loop_and_its_items(editor, house, pay):
    over = loop(NOTE, over="{{ trigger.rows }}", parallel=2)
    workflow = activated(house, over, name="Note each line")
    canvas = canvas_of(editor, workflow)
    expect(editor.page.locator(".sf-stage")).to_contain_text("For each item, up to 2 at once")
    assert faults(editor) == set()
    picture(editor.page, "loop-canvas")
    editor.card("Loop over a list").get_by_role("heading").first.click()
    expect(canvas.panel).to_contain_text("Items at once")
    picture(editor.page, "loop-panel")
    event = pay()
    assert house.wait_for_run(event, workflow)["status"] == "succeeded"
    editor.open_run(event, "Note each line")
    expect(editor.page.locator("main")).to_contain_text("il_0")
    assert faults(editor) == set()
    picture(editor.page, "loop-run")
    editor.page.locator(".sf-items a").first.click()
    expect(editor.page.locator(".sf-table")).to_contain_text("il_2")
    assert faults(editor) == set()
    picture(editor.page, "loop-items")


def test_a_run_that_asks_people(editor, house, pay):
    name = "Ask first"
    workflow = activated(house, approval(question="May {{ trigger.id }} go?"), name=name)
    canvas_of(editor, workflow)
    expect(editor.page.locator(".sf-stage")).to_contain_text("If it is declined")
    picture(editor.page, "approval-canvas")
    event = pay()
    house.wait_for_run(event, workflow, status=WAITING)
    editor.open_run(event, name)
    expect(editor.page.locator("main")).to_contain_text("May pi_")
    assert faults(editor) == set()
    picture(editor.page, "approval-run")
    editor.page.get_by_role("button", name="Approve").click()
    assert house.wait_for_run(event, workflow)["status"] == "succeeded"


def test_a_run_that_waits_for_an_event(editor, house, pay):
    name = "Until they pay again"
    paid = wait_for_event(
        event="payment_intent.succeeded", lanes=[event_lane({**NOTE, "inputs": {"text": "Paid."}})]
    )
    workflow = activated(house, paid, name=name)
    canvas_of(editor, workflow)
    expect(editor.page.locator(".sf-stage")).to_contain_text("If the time is up")
    picture(editor.page, "event-canvas")
    event = pay()
    house.wait_for_run(event, workflow, status=WAITING)
    editor.open_run(event, name)
    assert faults(editor) == set()
    picture(editor.page, "event-run")
    pay()
    assert house.wait_for_run(event, workflow)["status"] == "succeeded"
