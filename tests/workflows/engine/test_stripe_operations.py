"""Steps whose actions are made of the SDK, through validation, engine and limits."""

import pytest

from stripeflow.workflows.states import RunStatus
from tests.actions.conftest import running_standin, standin  # noqa: F401 - fixtures
from tests.workflows.documents import action, branch, compare, group, way

pytestmark = pytest.mark.django_db
OPEN = group(compare("steps.look.status", "equal", "open"))


def looks(invoice):
    return action("look", "stripe.invoices.retrieve", invoice=invoice)


def test_what_a_step_reads_decides_the_next_one(finish, standin):  # noqa: F811
    invoice = standin.make("invoice", status="open")["id"]
    void = action("void", "stripe.invoices.void_invoice", invoice="{{ steps.look.id }}")
    run = finish(looks(invoice), branch("choose", way("open", OPEN, void)))
    assert run.status == RunStatus.SUCCEEDED
    assert standin.object(invoice)["status"] == "void"
    assert run.steps.get(path="void").outputs["status"] == "void"


def test_a_list_gives_its_items_to_later_steps(finish, standin):  # noqa: F811
    newest = [standin.make("invoice")["id"] for _ in range(2)][-1]
    listing = action("all", "stripe.invoices.list", limit=1)
    update = action(
        "note",
        "stripe.invoices.update",
        invoice="{{ steps.all.data.0.id }}",
        metadata=[{"key": "more", "value": "{{ steps.all.has_more }}"}],
    )
    assert finish(listing, update).status == RunStatus.SUCCEEDED
    assert standin.object(newest)["metadata"] == {"more": "true"}


@pytest.mark.parametrize(("cap", "status"), [(4_200, "paid"), (4_199, "open")])
def test_a_daily_limit_counts_what_an_invoice_charges(finish, standin, settings, cap, status):  # noqa: F811
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "REFUND_CAPS_PER_DAY": {"usd": cap}}
    invoice = standin.make("invoice", status="open", total=4_200)["id"]
    run = finish(action("pay", "stripe.invoices.pay", invoice=invoice))
    assert standin.object(invoice)["status"] == status
    assert (run.status == RunStatus.SUCCEEDED) == (status == "paid")
