"""`python -m tests.browser.screenshots`: the documentation's pictures, of a live installation."""

import secrets
import sys
import tempfile
from pathlib import Path

from stripeflow_site.demo.cases import send_all
from stripeflow_site.local.ending import raise_on_signals
from stripeflow_site.local.installation import PASSWORD_VARIABLE, ROOT
from tests.browser.chromium import HEIGHT, WIDTH, chromium, opened
from tests.browser.editor import Editor
from tests.flows.installation import House, next_second

IMAGES = ROOT / "docs" / "images"
NARROW = 390
FRAUD, TAG = "Take action based on fraud warnings", "Tag valuable customers"


def main():
    """Take every picture; returns the exit status."""
    raise_on_signals()
    IMAGES.mkdir(parents=True, exist_ok=True)
    password = secrets.token_urlsafe()
    with (
        tempfile.TemporaryDirectory() as folder,
        House.build(Path(folder), variables={PASSWORD_VARIABLE: password}) as house,
        chromium() as browser,
    ):
        house.seed("--workflows")
        next_second()
        warned = _fill(house)
        for take in (_wide, _dark, _narrow, _japanese):
            take(browser, house, password, warned)
    return 0


def _fill(house):
    """Send the demo's events; returns the id of a small charge's warning."""
    sent = send_all(house.standin)
    house.wait_for_event(sent[-1].event_id)
    house.wait_for_end()
    # A guest has no customer to tag, and that run fails, as it should: let an ordinary one be the last.
    house.pay(250_000)
    house.wait_for_end()
    return next(one.event_id for one in sent if one.title == "Fraud warning on USD 14.99")


def _wide(browser, house, password, warned):
    with opened(browser, viewport={"width": WIDTH, "height": HEIGHT}) as page:
        editor = _signed_in(page, house, password)
        editor.open_run(warned, FRAUD)
        _save(page, "run")
        _open_workflow(editor)
        _save(page, "workflow")
        editor.link("Payment intent succeeded")
        _save(page, "trigger")


def _dark(browser, house, password, warned):
    with opened(browser, color_scheme="dark") as page:
        _open_workflow(_signed_in(page, house, password))
        _save(page, "workflow-dark")


def _narrow(browser, house, password, warned):
    with opened(browser, viewport={"width": NARROW, "height": HEIGHT}) as page:
        editor = _signed_in(page, house, password)
        editor.open_run(warned, FRAUD)
        _save(page, "run-390")


def _japanese(browser, house, password, warned):
    """The workflow once more, for a browser that asks for Japanese once it is there."""
    with opened(browser, viewport={"width": WIDTH, "height": HEIGHT}) as page:
        _open_workflow(_signed_in(page, house, password))
        _close_sidebar(page)
        page.set_extra_http_headers({"Accept-Language": "ja"})
        page.reload()
        page.get_by_role("heading", name="概要").wait_for()
        _save(page, "workflow-ja")


def _signed_in(page, house, password):
    editor = Editor(page, house.url)
    editor.sign_in(password)
    return editor


def _open_workflow(editor):
    editor.open_list("Workflows")
    editor.link(TAG)


def _save(page, name):
    _close_sidebar(page)
    _fit_height(page)
    page.screenshot(path=IMAGES / f"{name}.png", full_page=True)


def _close_sidebar(page):
    """Close the admin's list of models; narrow pages have none, and closed it stays so."""
    toggle = page.get_by_label("Toggle navigation")
    sidebar = page.get_by_role("navigation", name="Sidebar")
    if toggle.is_visible() and sidebar.is_visible():
        toggle.click()
        sidebar.wait_for(state="hidden")


def _fit_height(page):
    """As high as the page, so that what sticks to the window reaches down to its end."""
    width = page.viewport_size["width"]
    page.set_viewport_size({"width": width, "height": HEIGHT})
    bottom = page.locator("#content").evaluate("content => content.getBoundingClientRect().bottom + scrollY")
    page.set_viewport_size({"width": width, "height": round(bottom)})


if __name__ == "__main__":
    sys.exit(main())
