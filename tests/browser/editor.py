"""The editor as people use it: by what they read on a page, with clicks and keys."""

import re

from playwright.sync_api import expect

from tests.browser.chromium import UNREADY

# Patience, for busy machines.
expect.set_options(timeout=30_000)


class Editor:
    """Drives the pages with their scripts, from the sign-in on. It types the address of the index alone."""

    def __init__(self, page, url):
        self.page, self.url = page, url

    # Around a workflow

    def open_index(self):
        self.page.goto(f"{self.url}/admin/")

    def sign_in(self, password):
        self.open_index()
        self.page.get_by_label("Username").fill("admin")
        self.page.get_by_label("Password").fill(password)
        self.page.keyboard.press("Enter")
        self.shows("Workflows for Stripe")

    def open_list(self, name):
        """A list that is linked on the index."""
        self.page.get_by_role("link", name="StripeFlow").click()
        self.page.get_by_role("rowheader", name=name, exact=True).get_by_role("link").click()
        expect(self.page.locator("#changelist")).to_be_visible()

    def new_workflow(self, name):
        self.open_list("Workflows")
        self.link("New workflow")
        self.page.get_by_label("Name").fill(name)
        self.button("Continue")

    def activate(self):
        """Activate it; returns its number."""
        self.link("Activate")
        self.button("Activate")
        self.shows("Activated: version 1 now runs.")
        return int(self.page.url.rstrip("/").split("/")[-2])

    # Trigger and conditions

    def trigger(self, words, event):
        """Choose the event, and stay on its page for the conditions."""
        self.link("Choose what starts the workflow")
        self.choose_event(words, event)
        self.button("Continue")

    def choose_event(self, words, event):
        """Search all events, and click what is found."""
        self.page.get_by_role("searchbox", name="Search all events").fill(words)
        self.page.locator(".sf-event-list").get_by_role("button", name=event).first.click()
        expect(self.page.locator(".sf-event-now:visible")).to_contain_text(event)

    def condition(self, field, comparison, value):
        """One condition in the new row, saved."""
        row = self.page.get_by_role("group", name="New condition")
        self.choose_field(row, field)
        self.choose(row.get_by_label("Comparison", exact=True), comparison, comparison)
        row.get_by_label("Value", exact=True).fill(value)
        expect(row.get_by_label("Currency", exact=True)).to_have_value("usd")
        self.save()

    def choose_field(self, row, field):
        """Search the tree of fields by keys, and click what is found."""
        button = row.get_by_role("button", name=re.compile("^Field "))
        button.click()
        self.page.keyboard.type(field)
        self._found(field).click()
        expect(button).to_contain_text(field)

    # Steps

    def add_step(self, label, *, within=None):
        """Open the form of a new step, at the end or at the end of the branch of that title."""
        where = self.branch(within) if within else self.page
        where.get_by_role("link", name="Add step here").last.click()
        # One that was used lately stands there twice.
        self.page.get_by_role("link", name=label).first.click()

    def add_branch(self):
        """Add a branch step at the end; its first branch opens."""
        self.page.get_by_role("link", name="Add step here").last.click()
        self.page.get_by_role("button", name="Branch on conditions").click()

    def branch(self, title):
        heading = self.page.get_by_role("heading", name=title)
        return self.page.locator("section", has=heading)

    def email(self, person, subject, body, *appended, name=""):
        """Fill the form of an e-mail step; `appended` are labels with the words and names of values."""
        self.choose(self.page.get_by_label("To", exact=True), person, person)
        self.page.get_by_label("Subject", exact=True).fill(subject)
        self.page.get_by_label("Body", exact=True).fill(body)
        for number, (label, *value) in enumerate(appended):
            self.have_row(number)
            self.page.get_by_label("Label", exact=True).nth(number).fill(label)
            self.insert(self.page.get_by_label("Value", exact=True).nth(number), *value)
        self.page.get_by_label("Name", exact=True).fill(name)
        self.save()

    def have_row(self, number):
        """The rows below the first are added as they are wanted."""
        if number:
            self.button("Add a row")

    def insert(self, box, words, shown, written):
        """Search a value by “Insert a value”, and click what is shown; it writes `written` into the box."""
        picker = box.locator("xpath=following::button[normalize-space()='Insert a value'][1]")
        picker.click()
        self.page.keyboard.type(words)
        self._found(shown).click()
        expect(self.posted(box)).to_have_value(written)

    def insert_best(self, box, words, written):
        """Search a value by “Insert a value”, and take the first hit by Enter."""
        box.locator("xpath=following::button[normalize-space()='Insert a value'][1]").click()
        self.page.keyboard.type(words)
        self.page.keyboard.press("Enter")
        expect(self.posted(box)).to_have_value(written)

    def posted(self, box):
        """The input that a box of chips stands for: what its form sends."""
        return box.locator("xpath=following-sibling::*[@name]")

    # Runs

    def open_run(self, event_id, workflow):
        """The page of the workflow's run for that event, found by the search of the list."""
        self.open_list("Runs")
        self.page.locator("#searchbar").fill(event_id)
        self.page.keyboard.press("Enter")
        self.page.get_by_role("table").get_by_role("link", name=workflow, exact=True).click()
        expect(self.page.get_by_role("heading", name=workflow, exact=True)).to_be_visible()

    def card(self, title):
        """The card of a step: on the canvas, or among the details of a run."""
        heading = self.page.get_by_role("heading", name=title, exact=True)
        return self.page.locator("body:not(:has(.sf-run)) article, .sf-run .sf-path article").filter(
            has=heading
        )

    def decision(self, state):
        """The branch of the run that bears this pill."""
        return self.page.locator(".sf-decision").filter(has=self.page.get_by_text(state, exact=True))

    # Pieces of pages

    def choose(self, select, words, option):
        """Search the select by keys, and click what is found."""
        select.locator("xpath=following-sibling::*[contains(@class, 'select2-container')][1]").click()
        self._pick(words, option)
        expect(select.locator("option:checked")).to_contain_text([option])

    def _found(self, name):
        """The first entry of a tree that is called exactly so."""
        names = self.page.locator(".sf-tree-name").get_by_text(name, exact=True)
        return self.page.locator(".sf-tree-row").filter(has=names).first

    def _pick(self, words, option):
        self.page.keyboard.type(words)
        found = self.page.locator(".select2-results").get_by_role("option")
        found.filter(has_text=_named(option)).first.click()
        expect(found).to_have_count(0)

    def save(self):
        self.button("Save")

    def settle(self):
        """Wait until the page is ready: for keys and measurements, which do not wait by themselves."""
        expect(self.page.locator(UNREADY)).to_have_count(0)

    def link(self, name):
        self.page.get_by_role("link", name=name, exact=True).click()
        self.settle()

    def button(self, name):
        self.page.get_by_role("button", name=name, exact=True).click()
        self.settle()

    def shows(self, text):
        expect(self.page.get_by_text(text, exact=True).first).to_be_visible()


class PlainEditor(Editor):
    """Without scripts: plain selects, and values that are copied from the list on the page."""

    def settle(self):
        """Nothing is awaited."""

    def choose(self, select, words, option):
        listed = select.locator("option").filter(has_text=_named(option)).first
        select.select_option(value=listed.get_attribute("value"))

    def choose_event(self, words, event):
        self.choose(self.page.get_by_label("Event", exact=True), words, event)

    def choose_field(self, row, field):
        self.choose(row.get_by_label("Field", exact=True), field, field)

    def have_row(self, number):
        """Blank ones are there."""

    def insert(self, box, words, shown, written):
        values = self.page.get_by_role("row").filter(
            has=self.page.get_by_role("cell", name=shown, exact=True)
        )
        self.page.get_by_text("Values you can use").click()
        text = values.first.get_by_role("code").inner_text()
        self.page.get_by_text("Values you can use").click()
        # As the hint above the list says.
        box.fill(text.replace(" }}", " | money }}") if "money" in written else text)
        expect(box).to_have_value(written)


def _named(option):
    """The option's own text; people are followed by their address."""
    return re.compile(rf"^\s*{re.escape(option)}( <.+>)?\s*$")
