"""Templates that tell the team, and those for platforms."""

from datetime import timedelta

import pytest
import stripe

from stripeflow.workflows.models import Run, Schedule
from stripeflow.workflows.worker import ticking
from tests.workflows.workflow_templates.objects import EMPTY_AND_FULL, emptied, filled

pytestmark = pytest.mark.django_db


def reported(office):
    """The run of the next Monday."""
    office.now = Schedule.objects.get().next_at + timedelta(seconds=1)
    ticking.tick(office.now)
    return office.at_work(Run.objects.latest("created_at"))


def in_the_week(office, *amounts):
    """Payments of these amounts that fail, that are refunded, and that are disputed."""
    client = stripe.StripeClient(office.standin.api_key, base_addresses={"api": office.standin.url})
    for amount in amounts:
        charge = office.standin.payment(amount)["charge"]
        client.v1.refunds.create({"charge": charge["id"]})
        office.standin.make("dispute", amount=amount, charge=charge["id"])
        office.standin.event("charge.failed", charge, deliver=False)


def test_the_report_adds_up_what_happened_since_the_last_one(office):
    office.activate("weekly_report")
    in_the_week(office, 999)
    assert (reported(office).status, office.mail()) == ("succeeded", [])
    office.standin.advance_clock((office.now - office.began).total_seconds() + 60)
    in_the_week(office, 1_000, 250)
    assert reported(office).status == "succeeded"
    assert len(office.mail()) == 1
    for label in ("Failed payments", "Refunds", "Disputes"):
        assert (
            f"{label}: 2\n{label}: sum: $12.50 USD\n{label}: there are more than 1,000: false" in office.last
        )
    assert reported(office).status == "succeeded"
    office.mail()
    assert "Refunds: 0\nRefunds: sum: —\n" in office.last


def account(office, is_full, *, enabled):
    """What an event says of a connected account."""
    plain = {"id": "acct_1", "object": "account", "charges_enabled": enabled}
    return plain | (filled if is_full else emptied)(plain, charges_enabled=enabled)


def changes(office, is_full, *, enabled):
    obj = account(office, is_full, enabled=enabled)
    data = {"object": obj, "previous_attributes": {"charges_enabled": not enabled}}
    return office.happens("account.updated", obj, account="acct_1", data=data)


@EMPTY_AND_FULL
@pytest.mark.parametrize("is_mended", [True, False])
def test_an_account_that_cannot_charge_is_told_of_and_watched(office, is_full, is_mended):
    office.activate("account_cannot_charge")
    run = changes(office, is_full, enabled=False)
    assert office.mail() == [("recipients", "An account can no longer charge: acct_1")]
    if is_mended:
        changes(office, is_full, enabled=True)
    run = office.at_work(run) if is_mended else office.later(run, days=14)
    assert run.status == "succeeded"
    says = "An account can charge again" if is_mended else "An account still cannot charge"
    assert office.mail() == [("recipients", f"{says}: acct_1")]


def test_an_account_that_goes_on_charging_is_no_matter(office):
    office.activate("account_cannot_charge")
    assert changes(office, is_full=True, enabled=True) is None
