"""Drives rows.js in a browser, on a page that allows nothing but files of its own."""

import functools
import http.server
import shutil
import threading
from pathlib import Path

import pytest

from stripeflow import actions
from stripeflow.actions import registry
from stripeflow.actions.forms import build_form
from tests.browser.chromium import chromium

pytestmark = pytest.mark.browser
STATIC = Path(actions.__file__).parent / "static"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *arguments):
        """Keep the test's output clean."""


@pytest.fixture
def metadata():
    return [{"key": "Tier", "value": "VIP"}]


@pytest.fixture
def site(tmp_path, metadata):
    raw = {"customer": "cus_1", "metadata": metadata}
    form = build_form(registry.get("stripe.customers.update")).from_raw(raw)
    policy = "<meta http-equiv='Content-Security-Policy' content=\"default-src 'self'\">"
    icon = '<link rel="icon" href="data:,">'
    page = (
        f"<!doctype html><html><head>{policy}{icon}{form.media}</head><body><form>{form}</form></body></html>"
    )
    (tmp_path / "index.html").write_text(page)
    shutil.copytree(STATIC, tmp_path / "static")
    server = http.server.ThreadingHTTPServer(
        ("127.0.0.1", 0), functools.partial(Quiet, directory=str(tmp_path))
    )
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/index.html"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def page(site):
    with chromium() as browser:
        page = browser.new_page()
        page.script_errors = []
        page.on("pageerror", lambda error: page.script_errors.append(str(error)))
        page.goto(site)
        yield page


def names(page):
    return [box.get_attribute("name") for box in page.locator("[data-stripeflow-row] input").all()]


def shown(page):
    return [box.input_value() for box in page.locator("[data-stripeflow-row] input").all()]


def test_blank_rows_are_left_out(page):
    assert shown(page) == ["Tier"]
    assert page.locator("[data-stripeflow-add-row]").is_visible()


@pytest.mark.parametrize("metadata", [[]])
def test_of_blank_rows_alone_one_stays(page):
    assert shown(page) == [""]
    assert not page.locator("[data-stripeflow-remove-row]").is_visible()


def test_adds_a_blank_row_with_a_new_number(page):
    page.locator("[data-stripeflow-add-row]").click()
    page.locator("[data-stripeflow-add-row]").click()
    assert names(page) == [f"metadata-{index}-name" for index in range(3)]
    last = page.locator("[data-stripeflow-row]").last
    assert (last.locator("input").input_value(), last.locator("textarea").input_value()) == ("", "")
    assert page.script_errors == []


def test_a_copied_row_takes_no_values_along(page):
    page.locator("[data-stripeflow-add-row]").click()
    assert shown(page) == ["Tier", ""]
    assert page.locator("[data-stripeflow-row] textarea").last.input_value() == ""


def test_removes_a_row_and_never_reuses_its_number(page):
    page.locator("[data-stripeflow-add-row]").click()
    page.locator("[data-stripeflow-remove-row]").first.click()
    page.locator("[data-stripeflow-add-row]").click()
    assert names(page) == ["metadata-1-name", "metadata-2-name"]


def test_in_place_of_the_last_row_comes_a_blank_one(page):
    remove = page.locator("[data-stripeflow-remove-row]")
    remove.click()
    assert (shown(page), names(page)) == ([""], ["metadata-1-name"])
    assert not remove.is_visible()
    page.locator("[data-stripeflow-row] input").fill("Case")
    assert remove.is_visible()
