"""Input methods put a word together from several keys: their Enter takes the word, and nothing else."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.test_pickers import box, compare, posts

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

# What the keys of an input method are told as to the page.
OF_AN_INPUT_METHOD = 229


class InputMethod:
    """Composes into whatever has the focus, as the browser does it for a Japanese keyboard."""

    def __init__(self, page):
        self.devtools = page.context.new_cdp_session(page)

    def compose(self, *texts):
        """The word as it grows; nothing of it is taken yet."""
        for text in texts:
            end = {"selectionStart": len(text), "selectionEnd": len(text)}
            self.devtools.send("Input.imeSetComposition", {"text": text, **end})

    def press(self, key):
        """A key that the input method keeps to itself."""
        pressed = {"key": key, "code": key, "windowsVirtualKeyCode": OF_AN_INPUT_METHOD}
        for type in ("rawKeyDown", "keyUp"):
            self.devtools.send("Input.dispatchKeyEvent", {"type": type, **pressed})

    def take(self, text):
        """The end of the composition."""
        self.devtools.send("Input.insertText", {"text": text})


@pytest.fixture
def keyboard(editor):
    return InputMethod(editor.page)


@pytest.fixture(autouse=True)
def saved(editor):
    """The addresses to which a form of a piece was sent to be saved."""
    sent = []
    editor.page.on("request", lambda one: one.method == "POST" and sent.append(one.url))
    return lambda: [url for url in sent if url.split("?")[0].endswith(("/change/", "/add/"))]


def test_a_text_with_references_is_composed_and_not_sent(email, keyboard, saved):
    box(email, "Subject").fill("")
    box(email, "Subject").focus()
    keyboard.compose("s", "し", "しょ", "しょうかい")
    posts(email, "Subject", "")
    keyboard.compose("照会")
    for key in ("Escape", "Enter"):
        keyboard.press(key)
    keyboard.take("照会")
    posts(email, "Subject", "照会")
    expect(box(email, "Subject")).to_have_text("照会")
    assert saved() == []
    email.page.keyboard.press("Enter")
    expect(email.panel.get_by_role("heading", name="About")).to_be_visible()
    assert len(saved()) == 1


def test_a_word_is_composed_beside_a_chip(email, keyboard):
    box(email, "Subject").fill("")
    box(email, "Subject").focus()
    email.page.keyboard.type("{{ trigger.charge }}")
    keyboard.compose("の", "のけん")
    keyboard.press("Enter")
    keyboard.take("の件")
    posts(email, "Subject", "{{ trigger.charge }}の件")
    expect(box(email, "Subject").locator(".sf-chip")).to_have_count(1)
    email.page.keyboard.press("Control+z")
    posts(email, "Subject", "{{ trigger.charge }}")


def test_composed_braces_open_the_tree_once_they_are_taken(email, keyboard):
    search = email.page.get_by_role("combobox", name="Insert a value")
    box(email, "Subject").fill("")
    box(email, "Subject").focus()
    keyboard.compose("{", "{{")
    posts(email, "Subject", "")
    expect(search).to_have_count(0)
    keyboard.take("{{")
    expect(search).to_be_focused()


def test_the_tree_takes_nothing_while_a_search_is_composed(email, keyboard, saved):
    search = email.page.get_by_role("combobox", name="Insert a value")
    box(email, "Subject").fill("")
    box(email, "Subject").focus()
    email.page.keyboard.type("{{")
    expect(search).to_be_focused()
    keyboard.compose("retrieve amount")
    expect(email.page.locator(".sf-tree-active")).to_contain_text("Amount")
    for key in ("ArrowDown", "Enter"):
        keyboard.press(key)
    expect(search).to_be_focused()
    expect(email.page.locator(".sf-tree-active")).to_have_text(re.compile("^Amount"))
    posts(email, "Subject", "{{")
    keyboard.take("retrieve amount")
    email.page.keyboard.press("Enter")
    posts(email, "Subject", "{{ steps.retrieve_charge.amount | money }}")
    assert saved() == []


def test_a_reference_that_is_composed_to_its_end_closes_the_tree(email, keyboard):
    box(email, "Subject").fill("")
    box(email, "Subject").focus()
    email.page.keyboard.type("{{")
    keyboard.compose(" trigger.charge }}")
    expect(email.page.get_by_role("combobox", name="Insert a value")).to_be_focused()
    keyboard.take(" trigger.charge }}")
    posts(email, "Subject", "{{ trigger.charge }}")
    expect(box(email, "Subject")).to_be_focused()


def test_the_text_of_a_filter_is_composed(email, keyboard):
    box(email, "Subject").fill("")
    box(email, "Subject").focus()
    email.page.keyboard.type("{{ trigger.charge }}")
    email.page.keyboard.press("ArrowLeft")
    email.page.keyboard.press("Enter")
    view = email.page.get_by_role("dialog", name="Value")
    view.get_by_label("Show it as").select_option(label="If there is no value")
    view.get_by_label("Instead").focus()
    keyboard.compose("なし")
    for key in ("Escape", "Enter"):
        keyboard.press(key)
    posts(email, "Subject", "{{ trigger.charge }}")
    keyboard.take("無し")
    email.page.keyboard.press("Enter")
    posts(email, "Subject", '{{ trigger.charge | default("無し") }}')


def test_a_field_is_not_chosen_while_its_search_is_composed(trigger, keyboard):
    row = trigger.panel.get_by_role("group", name="New condition")
    field = row.get_by_role("button", name=re.compile("^Field "))
    field.click()
    keyboard.compose("status")
    keyboard.press("Enter")
    expect(trigger.page.get_by_role("combobox", name="Field")).to_be_focused()
    expect(field).to_have_text("Choose a field")
    keyboard.take("status")
    trigger.page.keyboard.press("Enter")
    expect(field).to_have_text("Payment intent › Status")


def test_an_event_is_not_chosen_while_its_search_is_composed(trigger, keyboard):
    chosen = trigger.panel.locator(".sf-event-now:visible")
    chosen.click()
    search = trigger.page.get_by_role("searchbox", name="Search all events")
    keyboard.compose("dispute closed")
    for key in ("ArrowDown", "Enter"):
        keyboard.press(key)
    expect(search).to_be_focused()
    expect(search).to_have_value("dispute closed")
    expect(chosen).to_contain_text("payment_intent.succeeded")
    keyboard.take("dispute closed")
    trigger.page.keyboard.press("Enter")
    expect(chosen).to_contain_text("charge.dispute.closed")


def test_several_values_are_composed_one_by_one(trigger, keyboard, saved):
    row = trigger.panel.get_by_role("group", name="New condition")
    compare(trigger, row, "capture method", "is one of")
    row.get_by_label("Value", exact=True).focus()
    chips = row.locator(".sf-many-chip")
    # One of the values that are offered, on the way to another.
    keyboard.compose("manual")
    keyboard.press("Enter")
    keyboard.compose("manually")
    expect(chips).to_have_count(0)
    keyboard.take("manually")
    trigger.page.keyboard.press("Enter")
    expect(chips).to_contain_text(["manually"])
    assert saved() == []


def test_no_action_is_added_while_its_search_is_composed(fraud, keyboard):
    fraud.stage.get_by_role("link", name="Add step here").first.click()
    search = fraud.panel.get_by_label("Search actions")
    search.focus()
    keyboard.compose("update cust")
    expect(fraud.panel.locator(".sf-tile:visible").first).to_contain_text("Update a customer")
    tiles = fraud.panel.locator(".sf-tile:visible")
    expect(tiles.get_by_text("Create a refund", exact=True)).to_have_count(0)
    for key in ("ArrowDown", "Enter"):
        keyboard.press(key)
    expect(search).to_be_focused()
    expect(search).to_have_value("update cust")
    keyboard.take("update cust")
    fraud.page.keyboard.press("Enter")
    expect(fraud.panel.get_by_text("Update a customer").first).to_be_visible()
