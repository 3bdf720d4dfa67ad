"""Whose money an operation moves: for the daily limits for one customer."""

from contextlib import suppress

import pytest

from stripeflow.actions import registry
from stripeflow.actions.at_most import AT_MOST
from stripeflow.actions.errors import PermanentError
from stripeflow.triggers import catalogue
from stripeflow.workflows.stripe_operations.amounts import COUNTED, Counted, Customer
from stripeflow.workflows.stripe_operations.inputs import object_of
from stripeflow.workflows.stripe_operations.marks import marks_of
from stripeflow.workflows.stripe_operations.operations import operations


@pytest.mark.parametrize("key", sorted(COUNTED))
def test_the_customer_stands_where_the_table_says(key):
    counted, operation = COUNTED[key], operations()[key]
    action = registry.get(key)
    if counted.customer is Customer.IN_PATH:
        assert operation.ids[0] == "customer"
    if counted.customer is Customer.NAMED:
        read = object_of(counted.reads) if counted.reads else ""
        assert catalogue.field(read, "customer") if read else "customer" in action.input_names
    if counted.customer is Customer.NONE:
        assert "customer" not in action.input_names


@pytest.mark.parametrize(
    ("counted", "named", "customer"),
    [
        (Counted(), ({"customer": "cus_1"},), "cus_1"),
        (Counted(), ({"customer": {"id": "cus_1"}}, {"customer": "cus_2"}), "cus_1"),
        (Counted(), ({"customer": None, "customer_account": "acct_1"},), "acct_1"),
        (Counted(), ({}, {"customer": "cus_2"}), "cus_2"),
        (Counted(), ({"customer": None}, {}), ""),
        (Counted(customer=Customer.IN_PATH), ({"customer": "cus_1"},), "an_id"),
        (Counted(customer=Customer.NONE), ({"customer": "cus_1"},), None),
    ],
)
def test_the_object_says_it_before_what_is_sent(counted, named, customer):
    assert counted.customer_in(("an_id",), *named) == customer


def test_every_operation_that_moves_money_has_a_limit_of_its_own():
    moving = {key for key, one in operations().items() if marks_of(one).moves_money and not marks_of(one).off}
    missing = {key for key in moving if AT_MOST.name not in registry.get(key).input_names}
    assert missing == set()


@pytest.mark.parametrize(("limit", "status"), [(4_200, "paid"), (4_199, "open")])
def test_a_step_sends_nothing_above_its_own_limit(standin, context, limit, status):
    invoice = standin.make("invoice", status="open", total=4_200)["id"]
    inputs = {"invoice": invoice, AT_MOST.name: {"amount": limit, "currency": "usd"}}
    with suppress(PermanentError):
        registry.get("stripe.invoices.pay").execute(inputs, context)
    assert standin.object(invoice)["status"] == status
