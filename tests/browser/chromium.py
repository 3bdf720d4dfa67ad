"""Debian's chromium without a window, in which a page's complaints are kept."""

import shutil
from contextlib import contextmanager

from playwright.sync_api import sync_playwright

WIDTH, HEIGHT = 1440, 900
# A page of ours whose scripts do not listen yet, or that waits for an answer to draw.
UNREADY = 'html:has(script[type=module][src*="/stripeflow/"]):not([data-stripeflow=ready])'


def executable():
    """The path of the browser. The shell draws pages alone; the whole one draws a window too, unseen."""
    return shutil.which("chromium-headless-shell") or shutil.which("chromium")


@contextmanager
def chromium():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=["--no-sandbox"])
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def opened(browser, **options):
    """A page whose `complaints` are what its console and its scripts called an error.

    With scripts every action and every expectation waits first until the page is ready for it.
    """
    size = {"width": WIDTH, "height": HEIGHT}
    context = browser.new_context(**{"viewport": size, "locale": "en-US", **options})
    page = context.new_page()
    page.complaints = []
    page.on("pageerror", lambda error: page.complaints.append(f"{page.url}: {error}"))
    page.on("console", lambda said: said.type in ("error", "warning") and _note(page, said))
    if options.get("java_script_enabled", True):
        page.add_locator_handler(page.locator(UNREADY), _wait)
    try:
        yield page
    finally:
        context.close()


def _wait(unready):
    """Nothing to do: playwright goes on once the page is not unready any more."""


def _note(page, said):
    page.complaints.append(f"{page.url}: {said.text} {said.location.get('url', '')}")
