"""Test, back-test and counts: beside the canvas, and as pages of their own without scripts."""

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def workflow(house):
    return house.activate_template("fraud_warnings")


@pytest.fixture
def orders(house):
    """A workflow whose branch the event alone decides."""
    return house.activate_template("tag_customers")


def opened(editor, workflow):
    editor.open_list("Workflows")
    editor.page.locator(f'#result_list a[href*="/workflow/{workflow}/change/"]').click()


def on_canvas(editor, title):
    heading = editor.page.get_by_role("heading", name=title, exact=True)
    return editor.page.locator("#sf-canvas article").filter(has=heading)


def details(editor, title):
    heading = editor.page.get_by_role("heading", name=title, exact=True)
    return editor.page.locator(".sf-path article").filter(has=heading)


def written(house):
    """What reached Stripe to change something. The mirror reads from it in its own time."""
    return house.standin.effects(), house.standin.requests(method="POST")


def shows_a_valuable_one(editor):
    """A payment of $2,000.01: the customer is tagged."""
    expect(on_canvas(editor, "Tag the customer as VIP")).to_contain_text("Would run")
    expect(details(editor, "Is it a valuable customer?")).to_contain_text("Amount was $2,000.01 USD")
    expect(details(editor, "Tag the customer as VIP")).to_contain_text("VIP")
    expect(editor.page.get_by_text("Nothing was sent, and nothing was saved.")).to_be_visible()


def test_an_event_lights_its_way_on_the_canvas(editor, house, orders):
    valuable = house.pay(200_001)["event"]["id"]
    small = house.pay(100_001)["event"]["id"]
    house.wait_for_end()
    sent = written(house)
    opened(editor, orders)
    editor.link("Test")
    editor.page.get_by_label("Or an event ID").fill(valuable)
    editor.button("Test")
    shows_a_valuable_one(editor)
    editor.page.get_by_label("Or an event ID").fill("")
    editor.page.get_by_label("Event", exact=True).select_option(small)
    editor.button("Test")
    expect(on_canvas(editor, "Tag the customer as VIP")).to_contain_text("Not reached")
    expect(on_canvas(editor, "Ask for a thank-you note")).to_contain_text("Would run")
    assert written(house) == sent


def test_a_lit_card_leads_to_its_details_by_click_and_by_keys(editor, house, workflow):
    house.warn(1_499)
    opened(editor, workflow)
    editor.link("Test")
    link = on_canvas(editor, "Retrieve the charge").get_by_role("link")
    link.click()
    expect(editor.page.locator("#dry-run-retrieve_charge, [data-sf-shown]").first).to_be_focused()
    expect(on_canvas(editor, "Retrieve the charge")).to_have_attribute("aria-current", "true")
    link.focus()
    editor.page.keyboard.press("ArrowDown")
    editor.page.keyboard.press("Enter")
    expect(on_canvas(editor, "Is it less than the dispute fee?")).to_have_attribute("aria-current", "true")


def test_closing_the_panel_takes_the_marks_away(editor, house, workflow):
    opened(editor, workflow)
    editor.link("Test")
    expect(on_canvas(editor, "Retrieve the charge")).to_contain_text("Would run")
    editor.page.keyboard.press("Escape")
    expect(on_canvas(editor, "Retrieve the charge")).not_to_contain_text("Would run")
    on_canvas(editor, "Retrieve the charge").get_by_role("link", name="Retrieve the charge").click()
    expect(editor.page.get_by_label("Charge ID", exact=True)).to_be_visible()


def test_a_sample_says_that_it_is_one(editor, workflow):
    opened(editor, workflow)
    editor.link("Test")
    editor.page.get_by_label("Event", exact=True).select_option("sample")
    editor.button("Test")
    expect(editor.page.get_by_text("The event was made up.")).to_be_visible()
    expect(details(editor, "Retrieve the charge")).to_contain_text("Made up, with what is known put in.")


def test_a_test_works_without_scripts(plain_editor, house, orders):
    valuable = house.pay(200_001)["event"]["id"]
    opened(plain_editor, orders)
    plain_editor.link("Test")
    plain_editor.page.get_by_label("Or an event ID").fill(valuable)
    plain_editor.button("Test")
    shows_a_valuable_one(plain_editor)
    on_canvas(plain_editor, "Tag the customer as VIP").get_by_role("link").click()
    expect(details(plain_editor, "Tag the customer as VIP")).to_be_in_viewport()


def test_back_tests_on_what_has_arrived(editor, house, orders):
    valuable = house.pay(200_001)["event"]["id"]
    opened(editor, orders)
    editor.link("Test")
    editor.link("Many events")
    editor.page.get_by_label("Days back").fill("7")
    editor.button("Back-test")
    expect(editor.page.get_by_text("would have started it.")).to_be_visible()
    editor.link(valuable)
    shows_a_valuable_one(editor)


def test_counts_how_often_each_step_ran(editor, house, workflow):
    for amount in (1_499, 1_500, 1_600):
        house.wait_for_run(house.warn(amount)["event"]["id"], workflow)
    opened(editor, workflow)
    editor.link("Show counts")
    expect(on_canvas(editor, "Retrieve the charge")).to_contain_text("3 times")
    expect(on_canvas(editor, "Refund the charge")).to_contain_text("1 time")
    expect(editor.page.locator("#sf-canvas")).to_contain_text("Taken 2 times")
    editor.page.get_by_label("Time").select_option("all")
    editor.button("Show")
    expect(editor.page.get_by_text("runs of version 1: All time.")).to_be_visible()
