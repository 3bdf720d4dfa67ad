"""Pages that follow what happens without being loaded again, and what stops a workflow."""

import re

import pytest
from playwright.sync_api import expect

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "Personalize orders"


@pytest.fixture
def held(editor, house):
    """The page of a run that is held, since its workflow is paused; returns the workflow's number."""
    workflow = house.activate_template("personalize_orders")
    house.api.post(f"workflows/{workflow}/pause/", {"reason": "Stocktaking"})
    event = house.pay(100_001)["event"]["id"]
    house.wait_for_run(event, workflow, status=("held",))
    editor.open_run(event, NAME)
    return workflow


def shown_status(editor):
    return editor.page.locator(".sf-run-status")


def test_page_of_a_run_shows_its_end_by_itself(editor, house, held):
    expect(shown_status(editor)).to_have_text("Held")
    editor.page.evaluate("window.isTheSamePage = true")
    house.api.post(f"workflows/{held}/resume/", {})
    expect(shown_status(editor)).to_have_text("Succeeded", timeout=40_000)
    assert editor.page.evaluate("window.isTheSamePage")
    expect(editor.page.locator("#sf-canvas article").first).to_be_visible()


def test_what_is_typed_on_the_page_of_a_run_is_not_taken_away(editor, house, held):
    note = editor.page.locator(".sf-run input[name=note]").first
    note.fill("Asked the shop")
    house.api.post(f"workflows/{held}/resume/", {})
    expect(editor.page.get_by_text("This run has changed.")).to_be_visible(timeout=40_000)
    expect(note).to_have_value("Asked the shop")


def test_list_tells_of_new_runs_and_shows_them(editor, house):
    workflow = house.activate_template("personalize_orders")
    editor.open_list("Runs")
    rows = editor.page.locator("#result_list tbody tr")
    before = rows.count()
    house.wait_for_run(house.pay(100_001)["event"]["id"], workflow)
    expect(editor.page.get_by_text("1 new run.")).to_be_visible(timeout=30_000)
    editor.page.get_by_role("link", name="Show them").click()
    expect(rows).to_have_count(before + 1)


def test_deactivating_says_what_is_missed_and_asks(editor, house):
    workflow = house.activate_template("personalize_orders")
    editor.page.goto(f"{house.url}/admin/stripeflow_workflows/workflow/{workflow}/change/")
    editor.page.locator("summary", has_text="Deactivate").click()
    expect(editor.page.get_by_text(re.compile("start no run"))).to_be_visible()
    assert house.api.get(f"workflows/{workflow}/")["status"] == "active"
    editor.button("Deactivate now")
    editor.shows("Deactivated. New events start no runs. Runs in progress finish.")
    assert house.api.get(f"workflows/{workflow}/")["status"] == "inactive"
