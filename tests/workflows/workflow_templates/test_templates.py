import json

import pytest

from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import needed_permissions
from stripeflow.workflows.definition.validation import moves_money, validate
from stripeflow.workflows.references.documentation import section
from stripeflow.workflows.workflow_templates import UnknownTemplate, template, templates
from tests.workflows.approvals import approver
from tests.workflows.workflow_templates.documenting import PAGE, template_table

pytestmark = pytest.mark.django_db

KEYS = [found.key for found in templates()]


@pytest.fixture
def staff(django_user_model):
    approver()
    return django_user_model.objects.create_user("staff", "staff@example.com", is_staff=True)


def test_every_template_can_be_activated_once_its_recipients_are_chosen(staff):
    for made in templates():
        chosen = {one.name: ["staff"] for one in made.parameters if one.kind == "team_members"}
        assert (made.key, validate(made.document(chosen)).problems.errors) == (made.key, ())


def test_without_recipients_the_only_problem_is_that(staff):
    for made in templates():
        asks = {"to"} if any(one.kind == "team_members" for one in made.parameters) else set()
        found = validate(made.document()).problems.errors
        assert (made.key, {problem.field for problem in found}) == (made.key, asks)


def test_what_each_may_do():
    acting = {key: tuple(needed_permissions(template(key).document())) for key in KEYS}
    assert {needs[-1] for needs in acting.values()} == {permissions.VIEW_PAYLOAD}
    assert {key: needs[:-1] for key, needs in acting.items() if needs[:-1]} == {
        "tag_customers": (permissions.CHANGE_CUSTOMERS,),
        "lifetime_value": (permissions.CHANGE_CUSTOMERS,),
        "fraud_warnings": (permissions.MOVE_MONEY,),
        "refund_on_request": (permissions.MOVE_MONEY,),
        "draft_invoices": (permissions.MOVE_MONEY, permissions.CHANGE_CUSTOMERS),
        "radar_reviews": (permissions.MOVE_MONEY, permissions.CHANGE_CUSTOMERS),
        "dunning": (permissions.MOVE_MONEY, permissions.CHANGE_CUSTOMERS),
    }


def test_what_moves_money_is_approved_or_capped():
    """The refund for a fraud warning is capped by its amount, and the one on request below a limit."""
    moving = {key for key in KEYS if moves_money(template(key).document())}
    asking = {key for key in KEYS if '"approval"' in json.dumps(template(key).document())}
    assert moving - asking == {"fraud_warnings"}


def test_nothing_collects_an_invoice_while_stripe_still_tries():
    for key in KEYS:
        assert "stripe.invoices.pay" not in json.dumps(template(key).document())


def test_the_docs_list_them():
    assert section(PAGE.read_text(), "templates") == template_table(), (
        "Write the table: python -m tests.workflows.workflow_templates.documenting"
    )


def test_the_dispute_fee_is_condition_and_cap():
    fee = {"amount": 2000, "currency": "eur"}
    document = template("fraud_warnings").document({"dispute_fee": fee})
    small = document["steps"][1]["branches"][0]
    assert small["conditions"]["conditions"][0]["value"] == fee
    assert small["steps"][0]["inputs"]["max_amount"] == fee


def test_a_guest_is_not_a_valuable_customer():
    valuable = template("tag_customers").document()["steps"][1]["branches"][0]
    amount, customer = valuable["conditions"]["conditions"]
    assert amount["field"] == "trigger.amount"
    assert (customer["field"], customer["operator"]) == ("trigger.customer", "is_not_empty")


def test_a_charge_that_was_refunded_in_part_is_refunded_for_the_rest():
    small = template("fraud_warnings").document()["steps"][1]["branches"][0]
    assert small["steps"][0]["inputs"]["or_rest"] is True


def test_two_copies_share_nothing():
    first, second = template("tag_customers").document(), template("tag_customers").document()
    first["trigger"]["conditions"]["conditions"][0]["value"]["amount"] = 1
    assert second == template("tag_customers").document()


def test_an_unknown_parameter_is_refused():
    with pytest.raises(KeyError, match="colour"):
        template("tag_customers").document({"colour": "red"})


def test_an_unknown_template_is_refused():
    with pytest.raises(UnknownTemplate):
        template("no_such")
