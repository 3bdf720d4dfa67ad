"""A run whose branch is undecided: a person sees what is unknown, chooses, and the run goes on."""

import pytest
from playwright.sync_api import expect

from tests.workflows.documents import action, branch, compare, document, group, usd, way

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

NAME = "Refund small payments"
MAIL = action("ask", "email.team_member", to=["admin"], subject="A large one", body="Please look at it.")
REFUND = action("refund", "stripe.refunds.create", charge="{{ trigger.latest_charge }}")
LARGE = way("large", group(compare("trigger.amount", "greater_or_equal", usd(15))), MAIL)


@pytest.fixture
def workflow(house):
    return house.activate_document(document(branch("size", LARGE, otherwise=(REFUND,)), name=NAME))


def test_a_person_chooses_the_branch(editor, house, workflow):
    made = house.pay(500_000, "eur")
    run = house.wait_for_run(made["event"]["id"], workflow, status=("held",))
    editor.open_run(made["event"]["id"], NAME)
    page = editor.page
    question = page.get_by_role("region", name="Choose the branch")
    expect(question).to_contain_text("cannot be compared with an amount in USD")
    expect(question.get_by_role("button", name="Take “All other cases”")).to_be_visible()
    question.get_by_label("Note (optional)").fill("5,000 euros are large.")
    question.get_by_role("button", name="Take “If amount is").click()
    expect(page.get_by_text("The branch is chosen, and the run goes on.")).to_be_visible()
    expect(page.locator("#sf-canvas")).to_contain_text("Chosen by admin")
    expect(page.get_by_text("5,000 euros are large.")).to_be_visible()
    house.wait(
        lambda: house.api.get(f"runs/{run['id']}/")["status"] == "succeeded", what="The end of the chosen run"
    )


def test_the_form_of_a_branch_step_has_the_choice(editor, house, workflow):
    editor.page.goto(f"{house.url}/admin/stripeflow_workflows/workflow/{workflow}/change/")
    card = editor.page.locator("#sf-canvas article").filter(has_text="Branch on conditions")
    expect(card).to_contain_text("If a condition is unknown stop for a person")
    card.get_by_role("link", name="Branch on conditions").click()
    box = editor.page.get_by_label("If a condition is unknown")
    expect(box.locator("option:checked")).to_contain_text("Default: stop for a person")
    box.select_option("otherwise")
    editor.save()
    expect(editor.page.locator("#sf-canvas")).to_contain_text("take “All other cases”")
