"""The page of a run: the way it took on the canvas, and the details of each card beside it."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "Take action based on fraud warnings"


@pytest.fixture
def run_page(editor, house):
    return opened(editor, house)


def opened(editor, house):
    workflow = house.activate_template("fraud_warnings")
    made = house.warn(1_499)
    house.wait_for_run(made["event"]["id"], workflow)
    editor.open_run(made["event"]["id"], NAME)
    return editor


def on_canvas(editor, title):
    heading = editor.page.get_by_role("heading", name=title, exact=True)
    return editor.page.locator("#sf-canvas article").filter(has=heading)


def test_the_way_taken_is_drawn(run_page):
    expect(on_canvas(run_page, "Retrieve the charge")).to_contain_text("Succeeded")
    expect(on_canvas(run_page, "Refund the charge")).to_contain_text("Succeeded")
    expect(on_canvas(run_page, "Ask a team member to investigate")).to_contain_text("Not reached")
    ways = run_page.page.locator("#sf-canvas .sf-way-title")
    expect(ways.nth(0)).to_contain_text("Taken")
    expect(ways.nth(1)).to_contain_text("Not evaluated")


def test_a_card_leads_to_what_it_sent_and_got(run_page):
    on_canvas(run_page, "Refund the charge").get_by_role("link").click()
    shown = run_page.page.locator("[data-sf-shown]")
    expect(shown).to_be_focused()
    expect(shown).to_be_in_viewport()
    for part in ("Inputs", "Outputs", "$14.99 USD"):
        expect(shown).to_contain_text(part)
    expect(on_canvas(run_page, "Refund the charge")).to_have_attribute("aria-current", "true")


def test_arrows_go_from_card_to_card(run_page):
    on_canvas(run_page, "Retrieve the charge").get_by_role("link").focus()
    run_page.page.keyboard.press("ArrowDown")
    run_page.page.keyboard.press("Enter")
    expect(run_page.page.locator("[data-sf-shown]")).to_contain_text("Is it less than the dispute fee?")


def test_the_canvas_can_be_zoomed(run_page):
    run_page.page.get_by_role("button", name="Smaller").click()
    expect(run_page.page.get_by_text("90%", exact=True)).to_be_visible()


def test_details_are_reached_without_scripts(plain_editor, house):
    opened(plain_editor, house)
    on_canvas(plain_editor, "Refund the charge").get_by_role("link").click()
    expect(plain_editor.card("Refund the charge")).to_be_in_viewport()
    expect(plain_editor.card("Refund the charge")).to_contain_text("$14.99 USD")
