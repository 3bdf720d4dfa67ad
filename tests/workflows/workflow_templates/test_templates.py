import pytest

from stripeflow.workflows.definition.validation import moves_money, validate
from stripeflow.workflows.workflow_templates import UnknownTemplate, template, templates

pytestmark = pytest.mark.django_db

KEYS = [found.key for found in templates()]


@pytest.fixture
def staff(django_user_model):
    return django_user_model.objects.create_user("staff", "staff@example.com", is_staff=True)


@pytest.mark.parametrize("key", KEYS)
def test_every_template_can_be_activated_once_its_recipients_are_chosen(key, staff):
    assert validate(template(key).document({"recipients": ["staff"]})).problems == ()


@pytest.mark.parametrize("key", KEYS)
def test_without_recipients_the_only_problem_is_that(key):
    found = validate(template(key).document()).problems
    assert [(problem.step, problem.field) for problem in found] == [("email_team", "to")]


@pytest.mark.parametrize(
    ("key", "expected"), [("personalize_orders", False), ("tag_customers", False), ("fraud_warnings", True)]
)
def test_only_the_refund_moves_money(key, expected):
    assert moves_money(template(key).document()) is expected


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
