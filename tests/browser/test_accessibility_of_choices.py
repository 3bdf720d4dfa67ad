"""axe finds nothing serious on what opens over and beside the canvas, wide and narrow, light and dark."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened
from tests.browser.conftest import visiting
from tests.browser.editor import Editor
from tests.browser.test_accessibility import LOOKS, faults
from tests.browser.test_pickers import box

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


class Looked:
    """The canvas of the template for fraud warnings, and what axe said of each thing that was opened."""

    def __init__(self, canvas):
        self.canvas, self.page, self.panel = canvas, canvas.page, canvas.panel
        self.said = []

    def at(self, name, shown):
        """What is `shown` on the page as it is."""
        expect(shown).to_be_visible()
        self.said += [f"{name}: {fault}" for fault in sorted(faults(self.canvas.editor))]

    def open(self, title):
        self.canvas.editor.link(title)
        expect(self.panel.locator("#sf-panel-title")).to_be_visible()

    def close(self):
        self.panel.get_by_role("button", name="Close", exact=True).click()
        expect(self.panel.get_by_role("heading", name="About")).to_be_visible()


@pytest.fixture(params=LOOKS)
def looked(request, browser, house):
    workflow = house.activate_template("fraud_warnings")
    with visiting(browser, house, Editor, **LOOKS[request.param]) as editor:
        looked = Looked(opened(editor, workflow))
        yield looked
        if looked.said:
            pytest.fail("\n".join(looked.said), pytrace=False)


def test_events(looked):
    looked.open("Early fraud warning created")
    looked.panel.locator(".sf-event-now:visible").click()
    search = looked.page.get_by_role("searchbox", name="Search all events")
    looked.at("by category", search)
    search.fill("dispute")
    looked.at("found", looked.panel.locator(".sf-event-list button").first)
    search.fill("nothing like it")
    looked.at("nothing found", looked.panel.get_by_text("No event is called that."))


def test_conditions(looked):
    looked.open("Early fraud warning created")
    row = looked.panel.get_by_role("group", name="New condition")
    row.get_by_role("button", name=re.compile("^Field ")).click()
    tree = looked.page.get_by_role("tree")
    looked.at("tree of fields", tree)
    looked.page.keyboard.type("nothing like it")
    looked.at("no field found", looked.page.get_by_text("Nothing is called that."))
    looked.page.keyboard.press("Control+a")
    looked.page.keyboard.type("fraud type")
    looked.at("fields found", tree.get_by_role("treeitem", name="Fraud type"))
    looked.page.keyboard.press("Enter")
    row.locator(".select2-selection").first.click()
    looked.page.keyboard.type("is one")
    looked.at("comparisons", looked.page.locator(".select2-results__option--highlighted"))
    looked.page.keyboard.press("Enter")
    row.get_by_label("Value", exact=True).fill("made_with_stolen_card")
    looked.page.keyboard.press("Enter")
    looked.at("values", row.locator(".sf-many-chip"))
    row.get_by_text("More", exact=True).click()
    looked.at("more", row.get_by_label("Type", exact=True))


def test_conditions_on_time_and_on_another_field(looked):
    looked.open("Early fraud warning created")
    row = looked.panel.get_by_role("group", name="New condition")
    row.get_by_role("button", name=re.compile("^Field ")).click()
    looked.page.keyboard.type("trigger.created")
    looked.page.keyboard.press("Enter")
    row.locator(".select2-selection").first.click()
    looked.page.keyboard.type("is longer")
    looked.page.keyboard.press("Enter")
    looked.at("a length of time", row.get_by_label("Unit"))
    row.locator(".select2-selection").first.click()
    looked.page.keyboard.type("is before")
    looked.page.keyboard.press("Enter")
    row.get_by_role("button", name="Compare with another field").click()
    looked.page.keyboard.type("event.created")
    looked.page.keyboard.press("Enter")
    looked.at("another field", row.get_by_role("button", name=re.compile("^Remove ")).first)


def test_references(looked):
    looked.open("Ask a team member to investigate")
    subject = box(looked.canvas, "Subject")
    subject.focus()
    looked.page.keyboard.press("Control+End")
    looked.page.keyboard.type("{{")
    search = looked.page.get_by_role("combobox", name="Insert a value")
    looked.at("tree of references", search)
    search.fill("nothing like it")
    looked.at("no reference found", looked.page.get_by_text("Nothing is called that."))
    search.fill("retrieve amount")
    looked.page.keyboard.press("Enter")
    looked.at("chip", subject.locator(".sf-chip"))
    subject.locator(".sf-chip").click()
    view = looked.page.get_by_role("dialog", name="Value")
    looked.at("opened chip", view)
    view.get_by_label("Show it as").select_option(label="If there is no value")
    looked.at("filter", view.get_by_label("Instead"))
    looked.page.keyboard.press("Escape")
    looked.panel.locator(".select2-selection").first.click()
    looked.at("people", looked.page.locator(".select2-results__option").first)
    looked.page.keyboard.press("Escape")
    looked.panel.get_by_role("button", name="Preview").click()
    looked.at("preview", looked.panel.locator("#sf-preview"))


def test_actions_and_what_is_done_with_a_card(looked):
    looked.canvas.stage.get_by_role("link", name="Add step here").first.click()
    search = looked.panel.get_by_label("Search actions")
    looked.at("gallery", search)
    search.fill("nothing like it")
    looked.at("no action found", looked.panel.get_by_text("Nothing is called that."))
    looked.close()
    card = looked.canvas.editor.card("Refund the charge")
    menu = card.get_by_label("What to do with “Refund the charge”")
    menu.click()
    looked.at("menu", card.get_by_text("Move to…"))
    card.get_by_text("Move to…").click()
    looked.at("move", looked.panel.get_by_label("Place"))
    looked.close()
    menu.click()
    card.get_by_text("Delete", exact=True).click()
    looked.at("delete", looked.panel.get_by_role("button", name="Delete the step"))
    looked.close()
    looked.page.get_by_text("More", exact=True).click()
    looked.at("more", looked.page.get_by_text("Export", exact=True))


def test_templates(looked):
    looked.canvas.editor.open_list("Workflows")
    looked.canvas.editor.link("New from template")
    looked.at("templates", looked.page.get_by_role("heading", name="Personalize orders"))
