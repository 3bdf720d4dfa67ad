"""The editor in Japanese: what the scripts write is translated like what the server writes."""

import pytest
from playwright.sync_api import expect

from tests.browser.chromium import opened
from tests.browser.editor import Editor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def japanese(browser, editor, house):
    """The canvas of a workflow in a browser that asks for Japanese, of somebody who has signed in before."""
    workflow = house.activate_template("personalize_orders")
    session = editor.page.context.storage_state()
    with opened(browser, locale="ja", storage_state=session) as page:
        page.goto(f"{house.url}/admin/stripeflow_workflows/workflow/{workflow}/change/")
        yield Editor(page, house.url)
        assert page.complaints == []


def test_scripts_speak_japanese(japanese):
    page = japanese.page
    expect(page.locator("html")).to_have_attribute("lang", "ja")
    japanese.link("Payment intent succeeded")
    page.get_by_label("イベント", exact=True).click()
    expect(page.get_by_role("searchbox", name="すべてのイベントを検索")).to_be_visible()


def test_a_sentence_is_read_back_in_japanese(japanese):
    page = japanese.page
    japanese.link("Payment intent succeeded")
    page.get_by_label("値", exact=True).first.fill("2,500")
    expect(page.locator(".sf-read-back")).to_contain_text("amount が $2,500.00 USD より大きい の場合")


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_sticks_out(japanese, width):
    page = japanese.page
    page.set_viewport_size({"width": width, "height": 900})
    japanese.link("Payment intent succeeded")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
