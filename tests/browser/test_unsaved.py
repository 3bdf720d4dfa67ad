"""What is typed is not lost: nobody leaves it unasked, and it is offered again. Forms open at their top."""

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened
from tests.browser.conftest import signed_in
from tests.browser.editor import Editor

pytestmark = pytest.mark.browser
EMAIL = "Ask a team member to investigate"
REFUND = "Refund the charge"


def press_escape_twice(canvas):
    name(canvas).press("Escape")
    canvas.page.keyboard.press("Escape")


WAYS = {
    "another card": lambda canvas: canvas.stage.get_by_role("link", name=REFUND, exact=True).click(),
    "the cross": lambda canvas: canvas.panel.get_by_role("button", name="Close").click(),
    "Escape": press_escape_twice,
    "Cancel": lambda canvas: canvas.panel.get_by_role("link", name="Cancel").click(),
    "Undo": lambda canvas: canvas.stage.get_by_role("button", name="Undo").click(),
}


@pytest.fixture
def canvas(editor, house):
    return opened(editor, house.activate_template("fraud_warnings"))


def name(canvas):
    return canvas.page.locator("#sf-panel-body").get_by_label("Name", exact=True)


def typed(canvas, card=EMAIL, words="Typed and not saved"):
    canvas.editor.link(card)
    name(canvas).fill(words)


def asked(canvas, answer):
    expect(canvas.page.get_by_role("dialog", name="Leave without saving?")).to_be_visible()
    canvas.page.get_by_role("button", name=answer, exact=True).click()


def heading(canvas, title):
    return canvas.panel.get_by_role("heading", name=title, exact=True)


def test_nobody_leaves_what_was_typed_unasked(canvas):
    canvas.menu("Retrieve the charge", "Duplicate")
    for way in WAYS.values():
        typed(canvas)
        way(canvas)
        asked(canvas, "Go on editing")
        expect(name(canvas)).to_have_value("Typed and not saved")
        way(canvas)
        asked(canvas, "Leave")
        expect(heading(canvas, EMAIL)).to_have_count(0)


BOXES = ":is(input:not([type=hidden]), select, textarea, [contenteditable=true], .select2-search__field)"


def test_escape_leaves_each_kind_of_box_and_then_the_panel(canvas):
    canvas.editor.link(EMAIL)
    boxes = canvas.page.locator(f"#sf-panel-body .sf-form {BOXES}:visible:not(:disabled)")
    count, kinds = boxes.count(), set()
    for number in range(count):
        box = boxes.nth(number)
        kinds.add(box.evaluate("box => box.className || box.type || box.tagName"))
        box.focus()
        canvas.page.keyboard.press("Escape")
        canvas.page.keyboard.press("Escape")
        expect(heading(canvas, EMAIL)).to_have_count(0)
        canvas.editor.link(EMAIL)
    assert any("select2-search__field" in kind for kind in kinds)
    assert len(kinds) > 3


def test_what_was_left_is_offered_again_and_saved(canvas):
    typed(canvas)
    canvas.page.locator("#sf-panel-body").get_by_label("Subject", exact=True).fill(
        "Look at {{ trigger.charge }}"
    )
    canvas.panel.get_by_role("button", name="Close").click()
    asked(canvas, "Leave")
    canvas.editor.link(EMAIL)
    expect(name(canvas)).to_have_value(EMAIL)
    canvas.editor.button("Restore what you typed")
    expect(name(canvas)).to_have_value("Typed and not saved")
    expect(canvas.panel.locator("[name=inputs-subject]")).to_have_value("Look at {{ trigger.charge }}")
    canvas.editor.save()
    canvas.editor.link("Typed and not saved")
    expect(canvas.panel.get_by_role("button", name="Restore what you typed")).to_have_count(0)


def test_a_restored_row_of_conditions_is_there_again(canvas):
    canvas.editor.link("Early fraud warning created")
    row = canvas.page.get_by_role("group", name="New condition")
    canvas.editor.choose_field(row, "Actionable")
    canvas.page.reload()
    canvas.editor.link("Early fraud warning created")
    canvas.editor.button("Restore what you typed")
    expect(row.get_by_role("button", name="Field")).to_contain_text("Actionable")


def test_the_browser_asks_too_and_keeps_it(canvas):
    typed(canvas)
    asked = []
    canvas.page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.accept()))
    canvas.page.get_by_role("link", name="Recent runs").click()
    expect(canvas.page.locator("#changelist")).to_be_visible()
    assert asked == ["beforeunload"]
    canvas.page.go_back()
    canvas.editor.link(EMAIL)
    expect(canvas.panel.get_by_role("button", name="Restore what you typed")).to_be_visible()
    canvas.editor.button("Discard it")
    canvas.editor.link(REFUND)
    canvas.editor.link(EMAIL)
    expect(canvas.panel.get_by_role("button", name="Restore what you typed")).to_have_count(0)


def test_what_is_secret_is_not_kept(canvas):
    canvas.editor.link(EMAIL)
    canvas.page.evaluate("""() => {
      const box = Object.assign(document.createElement("input"), {type: "password", name: "inputs-token"});
      document.querySelector("#step_form").append(box);
    }""")
    canvas.panel.locator("[name=inputs-token]").fill("hunter2")
    name(canvas).fill("Kept")
    kept = canvas.page.evaluate("JSON.stringify(Object.values(sessionStorage))")
    assert "Kept" in kept
    assert "hunter2" not in kept


def test_escape_leaves_the_box_first(canvas):
    canvas.editor.link(EMAIL)
    name(canvas).focus()
    canvas.page.keyboard.press("Escape")
    expect(name(canvas)).not_to_be_focused()
    expect(heading(canvas, EMAIL)).to_be_visible()
    canvas.page.keyboard.press("Escape")
    expect(heading(canvas, "About")).to_be_visible()
    assert canvas.focused() == EMAIL


def test_a_panel_opens_at_its_top_at_the_first_box(canvas):
    canvas.editor.link(EMAIL)
    piece = canvas.page.locator("[data-sf-piece]")
    piece.evaluate("piece => { piece.scrollTop = piece.scrollHeight }")
    canvas.editor.link(REFUND)
    assert piece.evaluate("piece => piece.scrollTop") == 0
    expect(canvas.panel.get_by_role("textbox", name="Charge ID")).to_be_focused()
    piece.evaluate("piece => { piece.scrollTop = piece.scrollHeight }")
    canvas.stage.get_by_role("link", name="Add step here").first.click()
    expect(canvas.panel.get_by_role("searchbox", name="Search actions")).to_be_focused()
    assert piece.evaluate("piece => piece.scrollTop") == 0


def test_an_error_is_found_focused_and_counted(canvas):
    canvas.editor.link(EMAIL)
    subject = canvas.panel.get_by_role("textbox", name="Subject")
    subject.fill("x" * 300)
    canvas.editor.save()
    expect(canvas.panel.locator(".sf-faults")).to_have_text("1 problem: Subject")
    expect(subject).to_be_focused()
    expect(subject).to_be_in_viewport()


def test_what_is_required_is_marked_and_reported_before_the_panel_closes(canvas):
    canvas.stage.get_by_role("link", name="Add step here").first.click()
    canvas.panel.get_by_role("link", name="Email a team member").first.click()
    expect(canvas.panel.locator("[name=inputs-subject]")).to_have_value("Take action based on fraud warnings")
    expect(canvas.panel.get_by_text("Required", exact=True)).to_have_count(3)
    canvas.editor.save()
    expect(canvas.panel.locator(".sf-faults")).to_have_text("2 problems: To, Body")
    expect(heading(canvas, "Email a team member")).to_be_visible()
    canvas.panel.get_by_role("textbox", name="Body").fill("Look")
    canvas.editor.save()
    expect(canvas.panel.locator(".sf-faults")).to_have_text("1 problem: To")
    canvas.editor.save()
    expect(heading(canvas, "About")).to_be_visible()


def test_a_problem_leads_to_its_box(canvas):
    canvas.stage.get_by_role("link", name="Add step here").last.click()
    canvas.panel.get_by_role("link", name="Email a team member").first.click()
    canvas.editor.save()
    canvas.panel.get_by_role("button", name="Close").click()
    canvas.editor.link("“Body” is required.")
    expect(canvas.panel.get_by_role("textbox", name="Body")).to_be_focused()
    expect(canvas.stage.locator("[aria-current=true]")).to_contain_text("Email a team member")


ONE_LINE = """chip => {
  const around = chip.closest(".sf-card-summary, .sf-chipbox").getBoundingClientRect();
  return chip.getClientRects().length === 1 && chip.getBoundingClientRect().right <= around.right + 1;
}"""
RENAMES = """async ([address, times]) => {
  const token = document.querySelector("[name=csrfmiddlewaretoken]").value;
  for (let number = 1; number <= times; number += 1) {
    const revision = String(number);
    const body = new URLSearchParams({ csrfmiddlewaretoken: token, revision, name: `Name ${number}` });
    await fetch(address, { method: "POST", body, redirect: "manual" });
  }
}"""


def test_fifty_changes_are_undone_and_made_again(canvas):
    name = canvas.page.get_by_role("textbox", name="Name of the workflow")
    before = name.input_value()
    canvas.page.evaluate(RENAMES, [canvas.page.url.replace("change/", "rename/"), 50])
    canvas.page.reload()
    expect(name).to_have_value("Name 50")
    for key, names in (
        ("Control+z", [*map(_named, range(49, 0, -1)), before]),
        ("Control+Shift+Z", map(_named, range(1, 51))),
    ):
        for expected in names:
            canvas.page.locator("body").press(key)
            expect(name).to_have_value(expected)
    expect(canvas.stage.get_by_role("button", name="Redo")).to_have_count(0)
    # In a text the keys are the text's own.
    name.press("Control+z")
    expect(name).to_have_value("Name 50")


def _named(number):
    return f"Name {number}"


@pytest.mark.parametrize("width", [1440, 390])
def test_a_chip_stands_on_one_line(browser, house, width):
    for editor in signed_in(browser, house, Editor, viewport={"width": width, "height": 900}):
        canvas = opened(editor, house.activate_template("fraud_warnings"))
        chips = canvas.stage.locator(".sf-reference")
        canvas.editor.link(EMAIL)
        boxes = canvas.panel.locator(".sf-chip")
        expect(boxes.first).to_be_visible()
        for chip in (*chips.all(), *boxes.all()):
            assert chip.evaluate(ONE_LINE), chip.inner_text()


def test_the_place_of_a_step_is_marked(canvas):
    line = canvas.stage.locator(".sf-line").first
    plus = line.get_by_role("link", name="Add step here")
    plain = plus.evaluate("plus => getComputedStyle(plus).backgroundColor")
    plus.click()
    expect(heading(canvas, "Add a step")).to_be_visible()
    expect(line).to_have_class("sf-line sf-line-here")
    assert plus.evaluate("plus => getComputedStyle(plus).backgroundColor") != plain
    assert line.evaluate("line => getComputedStyle(line, '::after').borderTopStyle") == "dashed"


def test_after_a_branchs_conditions_the_focus_is_on_its_first_step(canvas):
    way = canvas.stage.locator(".sf-way").first
    way.get_by_role("heading").first.get_by_role("link").click()
    canvas.editor.save()
    expect(way.get_by_role("link", name="Add step here").first).to_be_focused()
