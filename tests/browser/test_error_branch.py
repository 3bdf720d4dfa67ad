"""An error branch, built by clicks alone, taken by a call that fails, and read on the page of its run."""

import pytest
from playwright.sync_api import expect

from tests.browser.test_run_canvas import on_canvas

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "Rescue by hand"
REFUSED = "This customer is closed to changes"
WHY = ("Why", "error message", "Message", "{{ steps.update_a_customer.error.message }}")
CUSTOMER = ("payment customer id", "Customer ID", "{{ trigger.customer }}")


def build(editor):
    editor.new_workflow(NAME)
    editor.trigger("payment intent succeeded", "Payment intent succeeded")
    editor.link("Cancel")
    editor.add_step("Update a customer")
    panel = editor.page.locator("#sf-panel-body")
    editor.insert(panel.get_by_label("Customer ID", exact=True), *CUSTOMER)
    panel.get_by_label("Key").first.fill("Tier")
    panel.get_by_label("Value", exact=True).first.fill("VIP")
    panel.get_by_text("If it fails").click()
    panel.get_by_label("After the last attempt").select_option(label="Take the error branch")
    editor.save()
    expect(editor.branch("If it fails")).to_contain_text("The branch “If it fails” has no steps")
    editor.add_step("Email a team member", within="If it fails")
    editor.email("investigator", "A tag is missing", "Please look.", WHY, name="Tell of the error")
    editor.add_step("Email a team member")
    editor.email("packer", "Tagged", "Please pack.", name="Tell of the tag")


def shows_the_way_of(editor, event, *, failed):
    """On the canvas of the run: the error branch or the way on, and never both."""
    editor.open_run(event, NAME)
    expect(on_canvas(editor, "Update a customer")).to_contain_text("Failed" if failed else "Succeeded")
    taken, other = ("error", "tag") if failed else ("tag", "error")
    expect(on_canvas(editor, f"Tell of the {taken}")).to_contain_text("Succeeded")
    expect(on_canvas(editor, f"Tell of the {other}")).to_contain_text("Not reached")


def test_an_error_branch_is_built_taken_and_read(editor, house):
    build(editor)
    workflow = editor.activate()
    house.standin.faults(
        "error_before",
        method="POST",
        path="/v1/customers/*",
        status=400,
        type="invalid_request_error",
        message=REFUSED,
    )
    refused = house.pay(150_000)["event"]["id"]
    run = house.wait_for_run(refused, workflow)
    house.standin.clear_faults()
    tagged = house.pay(150_000)["event"]["id"]
    other = house.wait_for_run(tagged, workflow)
    shows_the_way_of(editor, refused, failed=True)
    expect(editor.page.locator("#sf-canvas .sf-way-failing")).to_contain_text("Taken")
    expect(editor.card("Update a customer")).to_contain_text(REFUSED)
    on_canvas(editor, "Tell of the error").get_by_role("link").click()
    expect(editor.page.locator("[data-sf-shown]")).to_contain_text(REFUSED)
    shows_the_way_of(editor, tagged, failed=False)
    assert [mail.to for mail in house.mails_of(run)] == [("investigator@example.com",)]
    assert [mail.to for mail in house.mails_of(other)] == [("packer@example.com",)]
