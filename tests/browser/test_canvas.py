"""The canvas: cards that open in the panel, and everything that changes the order of steps."""

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened
from tests.browser.conftest import signed_in
from tests.browser.editor import Editor

pytestmark = pytest.mark.browser
TITLES = [
    "Early fraud warning created",
    "Retrieve the charge",
    "Is it less than the dispute fee?",
    "Refund the charge",
    "Ask a team member to investigate",
]


@pytest.fixture
def canvas(editor, house):
    return opened(editor, house.activate_template("fraud_warnings"))


def test_a_card_opens_in_the_panel_and_saving_draws_it_again(canvas):
    canvas.editor.link("Ask a team member to investigate")
    expect(canvas.panel.get_by_role("heading", name="Ask a team member to investigate")).to_be_visible()
    canvas.panel.get_by_label("Name", exact=True).fill("Look into it")
    canvas.editor.save()
    canvas.shows(*TITLES[:4], "Look into it")
    expect(canvas.page.get_by_role("status").get_by_text("Saved: Look into it.")).to_be_visible()
    expect(canvas.stage.get_by_role("link", name="Look into it")).to_be_focused()
    expect(canvas.page.get_by_role("link", name="1 unpublished change")).to_be_visible()


def test_what_is_wrong_stays_in_the_panel(canvas):
    canvas.editor.link("Refund the charge")
    canvas.page.locator("#sf-panel-body").get_by_label("Amount", exact=True).fill("a lot")
    canvas.editor.save()
    expect(canvas.panel.get_by_role("heading", name="Refund the charge")).to_be_visible()
    expect(canvas.panel.get_by_text("“a lot” is not an amount")).to_be_visible()


def test_escape_closes_the_panel_and_gives_the_focus_back(canvas):
    canvas.editor.link("Retrieve the charge")
    expect(canvas.panel.get_by_role("heading", name="Retrieve the charge")).to_be_visible()
    # The first one leaves the box that has the focus.
    canvas.page.keyboard.press("Escape")
    canvas.page.keyboard.press("Escape")
    expect(canvas.panel.get_by_role("heading", name="About")).to_be_visible()
    assert canvas.focused() == "Retrieve the charge"


def test_arrows_go_from_card_to_card_and_enter_opens(canvas):
    canvas.stage.get_by_role("link", name="Early fraud warning created").focus()
    seen = []
    for key in ("ArrowDown", "ArrowDown", "ArrowDown", "ArrowDown", "ArrowUp"):
        canvas.page.keyboard.press(key)
        seen.append(canvas.focused())
    assert seen[:2] == ["Retrieve the charge", "Is it less than the dispute fee?"]
    assert seen[2].startswith("If ")
    assert seen[3:] == ["Refund the charge", seen[2]]
    canvas.page.keyboard.press("ArrowDown")
    canvas.page.keyboard.press("ArrowRight")
    assert canvas.focused() == "Ask a team member to investigate"
    canvas.page.keyboard.press("Enter")
    expect(canvas.panel.get_by_role("heading", name="Ask a team member to investigate")).to_be_visible()


def test_delete_asks_first(canvas):
    canvas.stage.get_by_role("link", name="Refund the charge").focus()
    canvas.page.keyboard.press("Delete")
    expect(canvas.panel.get_by_role("heading", name="Delete the step “Refund the charge”?")).to_be_visible()
    canvas.shows(*TITLES)
    canvas.editor.button("Delete the step")
    canvas.shows(*TITLES[:3], TITLES[4])


def test_a_step_is_added_where_the_plus_is(canvas):
    canvas.stage.get_by_role("link", name="Add step here").nth(1).click()
    canvas.panel.get_by_role("link", name="Update a customer").first.click()
    canvas.editor.save()
    canvas.shows(*TITLES[:2], "Update a customer", *TITLES[2:])
    # It has said what is required.
    canvas.editor.save()
    expect(canvas.page.get_by_text("problems to fix before it can be activated")).to_be_visible()
    assert canvas.focused() == "Update a customer"


def test_a_step_moves_by_its_menu_back_by_undo_and_again_by_redo(canvas):
    canvas.menu("Retrieve the charge", "Move down")
    canvas.shows(TITLES[0], *TITLES[2:], TITLES[1])
    canvas.page.get_by_role("button", name="Undo: Steps in another order “Retrieve the charge”").click()
    canvas.shows(*TITLES)
    canvas.page.locator("body").press("Control+Shift+Z")
    canvas.shows(TITLES[0], *TITLES[2:], TITLES[1])


def test_a_step_moves_to_a_place_of_a_list(canvas):
    canvas.menu("Retrieve the charge", "Move to…")
    canvas.panel.get_by_label("Place").select_option(label="After “Refund the charge”")
    canvas.editor.button("Move here")
    canvas.shows(TITLES[0], *TITLES[2:4], TITLES[1], TITLES[4])


def test_a_card_is_dragged_into_a_branch(canvas):
    lines = canvas.page.locator("section", has=canvas.page.get_by_role("heading", name="All other cases"))
    canvas.editor.card("Refund the charge").drag_to(lines.locator("[data-sf-place]").last)
    canvas.shows(*TITLES[:3], TITLES[4], TITLES[3])
    canvas.page.locator("body").press("Control+z")
    canvas.shows(*TITLES)


def test_a_branch_is_copied_into_another_workflow(canvas, house):
    canvas.menu("Is it less than the dispute fee?", "Copy")
    opened(canvas.editor, house.activate_template("personalize_orders"))
    canvas.stage.get_by_role("link", name="Add step here").first.click()
    canvas.panel.get_by_role("button", name="Paste “Is it less than the dispute fee?”").click()
    canvas.shows("Payment intent succeeded", *TITLES[2:], "Ask for a thank-you note")


def test_own_changes_do_not_make_an_open_form_stale(canvas):
    canvas.editor.link("Refund the charge")
    canvas.menu("Retrieve the charge", "Duplicate")
    canvas.panel.get_by_label("Name", exact=True).fill("Give it back")
    canvas.editor.save()
    canvas.shows(*TITLES[:2], "Retrieve the charge (copy)", TITLES[2], "Give it back", TITLES[4])


def test_two_people_are_notified_of_each_other(canvas, browser, house):
    canvas.editor.link("Refund the charge")
    for other in signed_in(browser, house, Editor):
        theirs = opened(other, canvas.workflow)
        theirs.menu("Retrieve the charge", "Duplicate")
    canvas.panel.get_by_label("Name", exact=True).fill("Give it back")
    canvas.editor.save()
    expect(canvas.panel.get_by_text("Somebody else has changed this workflow meanwhile.")).to_be_visible()
    expect(canvas.panel.get_by_label("Name", exact=True)).to_have_value("Give it back")


def test_somebody_elses_change_is_announced(canvas, browser, house):
    for other in signed_in(browser, house, Editor):
        theirs = opened(other, canvas.workflow)
        theirs.menu("Retrieve the charge", "Duplicate")
    canvas.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(canvas.page.get_by_text("admin has changed this workflow.")).to_be_visible()
    canvas.shows(*TITLES)
    canvas.editor.button("Show the change")
    canvas.shows(*TITLES[:2], "Retrieve the charge (copy)", *TITLES[2:])


def test_the_name_is_changed_in_its_place(canvas):
    name = canvas.page.get_by_role("textbox", name="Name of the workflow")
    name.fill("Small frauds")
    name.press("Enter")
    expect(canvas.page.get_by_text("The workflow is now called “Small frauds”.")).to_be_visible()
    canvas.page.reload()
    expect(name).to_have_value("Small frauds")


def test_the_size_changes_and_fits(canvas):
    shown = canvas.page.get_by_label("Size")
    canvas.editor.button("Larger")
    expect(shown).to_have_text("110%")
    canvas.editor.button("Fit")
    tree = canvas.page.locator(".sf-tree").bounding_box()
    view = canvas.page.locator("[data-sf-viewport]").bounding_box()
    assert tree["width"] <= view["width"]
    assert tree["height"] <= view["height"]


def test_a_server_that_is_away_is_reported(canvas):
    canvas.page.route("**/step/**", lambda route: route.abort())
    canvas.editor.link("Retrieve the charge")
    expect(canvas.page.get_by_text("The server cannot be reached.")).to_be_visible()
    canvas.shows(*TITLES)
    # The browser says so in its console too, which is no fault of the page.
    canvas.page.complaints.clear()
