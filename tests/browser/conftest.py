import secrets
from contextlib import contextmanager

import pytest

from stripeflow_site.local.installation import PASSWORD_VARIABLE
from tests.browser.canvas import opened as canvas_of
from tests.browser.chromium import chromium, opened
from tests.browser.editor import Editor, PlainEditor
from tests.flows.installation import House

# What a browser keeps once somebody has signed in, by the address of the installation.
_KEPT = {}


@pytest.fixture(scope="session")
def live_house(tmp_path_factory):
    password = secrets.token_urlsafe()
    folder = tmp_path_factory.mktemp("browser")
    with House.build(folder, variables={PASSWORD_VARIABLE: password}) as house:
        yield house


@pytest.fixture
def house(live_house):
    """The installation, with nothing active and nothing under way, and an empty list of workflows."""
    live_house.clear()
    # The list shows fifty on a page, and one run of all tests makes more.
    for status in ("draft", "inactive"):
        for one in live_house.api.results("workflows/", status=status):
            live_house.api.post(f"workflows/{one['id']}/archive/")
    return live_house


@pytest.fixture(scope="module")
def browser():
    """One for a module: each test has pages, cookies and storage of its own in it."""
    with chromium() as browser:
        yield browser


@pytest.fixture
def editor(browser, house):
    yield from signed_in(browser, house, Editor)


@pytest.fixture
def plain_editor(browser, house):
    """Scripts are off."""
    yield from signed_in(browser, house, PlainEditor, java_script_enabled=False)


@contextmanager
def visiting(browser, house, kind, **options):
    """An editor on the index. The first one signs in by the form, and the others get its session."""
    with opened(browser, storage_state=_KEPT.get(house.url), **options) as page:
        editor = kind(page, house.url)
        if house.url in _KEPT:
            editor.open_index()
        else:
            editor.sign_in(house.plan.variables[PASSWORD_VARIABLE])
            _KEPT[house.url] = page.context.storage_state()
        yield editor


def signed_in(browser, house, kind, **options):
    """An editor for whom every error in the console is a failure."""
    with visiting(browser, house, kind, **options) as editor:
        yield editor
        assert editor.page.complaints == []


@pytest.fixture
def fraud(editor, house):
    """The page of a workflow made from the template for fraud warnings."""
    return canvas_of(editor, house.activate_template("fraud_warnings"))


@pytest.fixture
def email(fraud):
    fraud.editor.link("Ask a team member to investigate")
    return fraud


@pytest.fixture
def trigger(editor, house):
    canvas = canvas_of(editor, house.activate_template("personalize_orders"))
    canvas.editor.link("Payment intent succeeded")
    return canvas
