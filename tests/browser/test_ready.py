"""A page says when its scripts listen, and the tests click nothing before."""

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened

pytestmark = pytest.mark.browser

BUSY_FOR_A_WHILE = """() => {
  const page = document.documentElement.dataset;
  page.stripeflow = "busy";
  const note = () => (window.clickedWhile = page.stripeflow);
  document.addEventListener("click", note, { capture: true, once: true });
  window.setTimeout(() => (page.stripeflow = "ready"), 300);
}"""
CLICKED = """async () => {
  document.querySelector(".sf-stage a.sf-plus").click();
  await new Promise((resolve) => window.setTimeout(resolve));
  return document.documentElement.dataset.stripeflow;
}"""
CLICK_AS_SOON_AS_DRAWN = """() => {
  window.isTheSamePage = true;
  const first = () => document.querySelector('#sf-panel-body a[href*="/step/add/"]').click();
  document.addEventListener("htmx:afterRequest", first, { once: true });
}"""


@pytest.fixture
def canvas(editor, house):
    return opened(editor, house.activate_template("fraud_warnings"))


def test_a_click_waits_until_the_page_is_ready(canvas):
    canvas.editor.settle()
    canvas.page.evaluate(BUSY_FOR_A_WHILE)
    canvas.stage.get_by_role("link", name="Refund the charge").click()
    assert canvas.page.evaluate("window.clickedWhile") == "ready"


def test_a_page_is_busy_until_its_panel_is_drawn(canvas):
    canvas.editor.settle()
    # The script below does not wait for the link, as a locator does.
    expect(canvas.stage.locator("a.sf-plus").first).to_be_visible()
    assert canvas.page.evaluate(CLICKED) == "busy"
    canvas.editor.settle()
    assert canvas.panel.get_by_role("heading", name="Add a step").is_visible()


def test_a_link_in_the_panel_listens_as_soon_as_it_is_drawn(canvas):
    canvas.editor.settle()
    canvas.page.evaluate(CLICK_AS_SOON_AS_DRAWN)
    canvas.stage.get_by_role("link", name="Add step here").first.click()
    expect(canvas.panel.locator("#sf-panel-body #id_name")).to_be_visible()
    assert canvas.page.evaluate("window.isTheSamePage")


def test_a_page_that_is_read_says_so_too(editor):
    editor.open_list("Runs")
    expect(editor.page.locator("html")).to_have_attribute("data-stripeflow", "ready")
