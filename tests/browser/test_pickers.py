"""Choosing events, fields, values and actions; chips for references; sentences and previews that follow."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def box(canvas, label):
    return canvas.panel.get_by_label(label, exact=True)


def posts(canvas, label, text):
    expect(canvas.editor.posted(box(canvas, label))).to_have_value(text)


def write(canvas, label, text):
    """Type at the end of a box, key by key."""
    box(canvas, label).focus()
    canvas.page.keyboard.press("Control+End")
    canvas.page.keyboard.type(text)


def compare(canvas, row, field, comparison):
    row.get_by_role("button", name=re.compile("^Field ")).click()
    canvas.page.keyboard.type(field)
    canvas.page.keyboard.press("Enter")
    canvas.editor.choose(row.get_by_label("Comparison", exact=True), comparison, comparison)


def test_saved_references_are_chips_with_their_labels(email):
    chips = email.panel.locator(".sf-chip")
    expect(chips).to_have_text(["Retrieve the charge › Charge ID", "Retrieve the charge › Amount"])


def test_two_braces_open_the_tree_and_enter_takes_the_best(email):
    box(email, "Subject").fill("Look at ")
    write(email, "Subject", "{{")
    expect(email.page.get_by_role("combobox", name="Insert a value")).to_be_focused()
    email.page.keyboard.type("retrieve amount")
    email.page.keyboard.press("Enter")
    posts(email, "Subject", "Look at {{ steps.retrieve_charge.amount | money }}")
    expect(box(email, "Subject")).to_be_focused()


def test_a_reference_may_be_written_by_hand_and_a_broken_one_is_red_and_says_why(email):
    box(email, "Subject").fill("")
    write(email, "Subject", "{{ item.made_up }} now")
    posts(email, "Subject", "{{ item.made_up }} now")
    chip = box(email, "Subject").locator(".sf-chip-wrong")
    expect(chip).to_have_attribute("title", re.compile("is not known here"))


def test_a_chip_is_deleted_as_one_and_comes_back_by_undo(email):
    box(email, "Subject").fill("")
    write(email, "Subject", "For {{ trigger.charge }}")
    email.page.keyboard.press("Backspace")
    posts(email, "Subject", "For ")
    email.page.keyboard.press("Control+z")
    posts(email, "Subject", "For {{ trigger.charge }}")
    email.page.keyboard.press("Control+Shift+z")
    posts(email, "Subject", "For ")


def test_a_copied_chip_is_pasted_as_its_text(email):
    box(email, "Subject").fill("")
    write(email, "Subject", "{{ trigger.charge }}")
    email.page.keyboard.press("Control+a")
    email.page.keyboard.press("Control+c")
    box(email, "Body").fill("")
    email.page.keyboard.press("Control+v")
    posts(email, "Body", "{{ trigger.charge }}")


def test_lines_of_a_long_text_stay_lines(email):
    box(email, "Body").fill("")
    write(email, "Body", "One")
    email.page.keyboard.press("Enter")
    email.page.keyboard.press("Enter")
    email.page.keyboard.type("Two")
    posts(email, "Body", "One\n\nTwo")


def test_arrows_select_a_chip_and_enter_opens_its_filters(email):
    box(email, "Subject").fill("")
    write(email, "Subject", "{{ trigger.charge }}")
    email.page.keyboard.press("ArrowLeft")
    email.page.keyboard.press("Enter")
    view = email.page.get_by_role("dialog", name="Value")
    expect(view.get_by_text("Early fraud warning › Charge ID")).to_be_visible()
    view.get_by_label("Show it as").select_option(label="Shortened")
    view.get_by_label("Characters").fill("4")
    email.page.keyboard.press("Enter")
    posts(email, "Subject", "{{ trigger.charge | truncate(4) }}")
    expect(view.locator(".sf-chip-shows b")).to_have_text(re.compile("^.{3}…$"))
    email.page.keyboard.press("Escape")
    expect(view).to_have_count(0)
    expect(email.panel.get_by_role("heading", name="Ask a team member to investigate")).to_be_visible()


def test_a_new_row_in_the_panel_has_its_own_box(email):
    before = box(email, "Value").count()
    email.panel.get_by_role("button", name="Add a row").click()
    expect(box(email, "Value")).to_have_count(before + 1)
    box(email, "Label").last.fill("Type")
    email.editor.insert(box(email, "Value").last, "fraud type", "Fraud type", "{{ trigger.fraud_type }}")
    email.editor.save()
    email.editor.link("Ask a team member to investigate")
    expect(email.panel.locator(".sf-chip").last).to_have_text("Early fraud warning › Fraud type")


def test_the_preview_follows_what_is_typed(email):
    email.panel.get_by_role("button", name="Preview").click()
    preview = email.panel.locator("#sf-preview")
    expect(preview.get_by_text("Early fraud warning: please investigate")).to_be_visible()
    box(email, "Subject").fill("Have a look")
    expect(preview.get_by_text("Have a look", exact=True)).to_be_visible()
    expect(box(email, "Subject")).to_be_focused()
    email.panel.get_by_role("button", name="Preview").click()
    expect(preview).to_have_count(0)


def test_the_sentence_follows_the_conditions(trigger):
    said = trigger.panel.locator(".sf-read-back")
    expect(said).to_have_text("Saved: if amount is greater than $1,000.00 USD")
    trigger.panel.get_by_role("group", name="Condition", exact=True).get_by_label("Value", exact=True).fill(
        "5"
    )
    expect(said).to_have_text("As it stands: if amount is greater than $5.00 USD")
    trigger.panel.get_by_label("Delete", exact=True).check()
    expect(said).to_have_text("As it stands: no conditions.")


def test_values_are_asked_for_by_their_type(trigger):
    row = trigger.panel.get_by_role("group", name="New condition")
    value = row.get_by_label("Value", exact=True)
    compare(trigger, row, "status", "is equal to")
    value.select_option("succeeded")
    compare(trigger, row, "created", "is after")
    expect(value).to_have_attribute("type", "datetime-local")
    value.fill("2026-02-01T09:30")
    value.blur()
    expect(trigger.panel.locator(".sf-read-back")).to_contain_text("is after 2026-02-01 09:30:00")
    compare(trigger, row, "capture method", "is one of")
    value.fill("manual")
    trigger.page.keyboard.press("Enter")
    trigger.page.keyboard.type("automatic,")
    expect(row.locator(".sf-many-chip")).to_contain_text(["manual", "automatic"])
    trigger.editor.save()
    expect(trigger.editor.card("Payment intent succeeded")).to_contain_text("is one of manual or automatic")


def test_a_key_of_metadata_is_typed(trigger):
    row = trigger.panel.get_by_role("group", name="New condition")
    row.get_by_role("button", name=re.compile("^Field ")).click()
    trigger.page.keyboard.type("trigger.metadata.tier")
    trigger.page.keyboard.press("Enter")
    expect(row.get_by_role("button", name=re.compile("^Field "))).to_have_text(
        "Payment intent › Metadata › tier"
    )
    trigger.editor.choose(row.get_by_label("Comparison", exact=True), "is equal to", "is equal to")
    row.get_by_label("Value", exact=True).fill("gold")
    trigger.editor.save()
    expect(trigger.editor.card("Payment intent succeeded")).to_contain_text("tier is equal to “gold”")


def test_values_of_recent_events_stand_beside_the_fields(editor, house):
    house.pay(123_400)
    trigger = opened(editor, house.activate_template("personalize_orders"))
    trigger.editor.link("Payment intent succeeded")
    trigger.panel.get_by_role("button", name=re.compile("^Field Choose")).click()
    trigger.page.keyboard.type("amount")
    found = trigger.page.locator(".sf-tree-row").filter(has_text=re.compile(r"^Amount1,234\.00$"))
    expect(found).to_be_visible()


def test_events_are_searched_and_browsed(trigger):
    trigger.panel.locator(".sf-event-now:visible").click()
    groups = trigger.panel.locator(".sf-event-group summary:visible")
    expect(groups.first).to_contain_text("Suggested")
    groups.filter(has_text="Radar").click()
    trigger.page.get_by_role("searchbox", name="Search all events").fill("dispute closed")
    trigger.page.keyboard.press("Enter")
    expect(trigger.panel.locator(".sf-event-now:visible")).to_contain_text("charge.dispute.closed")


def test_the_gallery_is_searched_and_enter_takes_the_first(fraud):
    fraud.stage.get_by_role("link", name="Add step here").first.click()
    search = fraud.panel.get_by_label("Search actions")
    search.fill("update cust")
    expect(fraud.panel.locator(".sf-tile:visible").first).to_contain_text("Update a customer")
    search.fill("nothing like it")
    expect(fraud.panel.get_by_text("Nothing is called that.")).to_be_visible()
    search.fill("update cust")
    fraud.page.keyboard.press("Enter")
    expect(fraud.panel.get_by_text("Update a customer").first).to_be_visible()
