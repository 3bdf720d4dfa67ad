"""axe finds nothing serious on the pages that people use most, wide and narrow, light and dark."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.conftest import visiting
from tests.browser.editor import Editor
from tests.flows.installation import next_second

pytestmark = pytest.mark.browser
SERIOUS = ("serious", "critical")
# The search of Django's own lists: its label is a picture with a text, and its links bear no line.
OF_DJANGO = [["#changelist-search"]]
LOOKS = {
    "wide": {},
    "dark": {"color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}},
}


@pytest.fixture(params=LOOKS)
def look(request, browser, house):
    """An editor in one of the looks; the runs of a payment and of a fraud warning are there."""
    workflow = house.activate_template("fraud_warnings")
    next_second()
    event = house.warn(1499)["event"]["id"]
    house.wait_for_run(event, workflow)
    with visiting(browser, house, Editor, **LOOKS[request.param]) as editor:
        yield editor, workflow, event


def faults(editor):
    """What axe calls serious on the page as it is, with the places."""
    # A click returns before the page that it opens is read to its end.
    editor.page.wait_for_load_state()
    editor.settle()
    found = Axe().run(editor.page, context={"exclude": OF_DJANGO}).response["violations"]
    return {
        f"{one['id']}: {' '.join(node['target'])}: {node['failureSummary'][:300]}"
        for one in found
        if one["impact"] in SERIOUS
        for node in one["nodes"]
    }


def leave(editor):
    """Close the panel by its cross: Escape first leaves the box that has the focus."""
    editor.page.locator("[data-sf-panel]").get_by_role("button", name="Close", exact=True).click()
    expect(editor.page.locator("#sf-panel-title")).to_be_hidden()


def test_nothing_serious(look):
    editor, workflow, event = look
    pages = {}
    editor.open_list("Workflows")
    pages["list"] = faults(editor)
    editor.page.locator(f'#result_list a[href*="/workflow/{workflow}/change/"]').click()
    pages["canvas"] = faults(editor)
    for title in ("Early fraud warning created", "Refund the charge", "Ask a team member to investigate"):
        editor.link(title)
        pages[title] = faults(editor)
        leave(editor)
    editor.page.get_by_role("link", name="Add step here").first.click()
    pages["gallery"] = faults(editor)
    leave(editor)
    editor.open_run(event, "Take action based on fraud warnings")
    pages["run"] = faults(editor)
    editor.open_list("Workflows")
    editor.link("New from template")
    editor.link("Take action based on fraud warnings")
    pages["template"] = faults(editor)
    editor.page.goto(f"{editor.url}/admin/stripeflow_workflows/workflowversion/")
    editor.page.locator("#result_list").get_by_role("link").first.click()
    pages["version"] = faults(editor)
    told = "\n".join(f"{name}: {fault}" for name, found in pages.items() for fault in sorted(found))
    if told:
        pytest.fail(told, pytrace=False)
