"""The trigger's page of a recurring schedule: what counts is shown, and the next times while one types."""

import os

import pytest
from playwright.sync_api import expect

from tests.browser.canvas import opened as canvas_of
from tests.workflows.documents import action, document

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

MAIL = action("ask", "email.team_member", to=["admin"], subject="Good morning", body="A new day.")


def picture(page, name):
    if folder := os.environ.get("STRIPEFLOW_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def test_the_next_times_follow_what_is_chosen(editor, house):
    workflow = house.activate_document(document(MAIL, name="Every morning"))
    canvas_of(editor, workflow).editor.link("Payment intent succeeded")
    page = editor.page
    page.get_by_label("A recurring schedule").check()
    editor.save()
    page.get_by_label("Repeats").select_option("weekdays")
    expect(page.get_by_label("Cron expression")).to_be_hidden()
    page.get_by_label("Monday").check()
    page.get_by_label("At", exact=True).fill("09:00")
    times = page.locator(".sf-outlook li")
    expect(times).to_have_count(5)
    expect(times.first).to_contain_text("Monday")
    page.get_by_label("Repeats").select_option("hours")
    expect(page.get_by_label("Monday")).to_be_hidden()
    page.get_by_label("Interval").fill("6")
    expect(times).to_have_count(5)
    expect(times.first).to_contain_text("UTC+00:00")
    picture(page, "wide")
    page.set_viewport_size({"width": 390, "height": 844})
    picture(page, "narrow")
    editor.button("Continue")
    editor.save()
    expect(page.locator("#sf-canvas")).to_contain_text("Every 6 hours")
