"""The ledger and the e-mails of a demo in which all went well, to be spoilt by tests."""

from dataclasses import dataclass, field

from stripeflow_site.demo.verdict import EXPECTED, THANKS, WARNING
from stripeflow_site.local.mails import Mail


@dataclass
class Evidence:
    entries: list = field(default_factory=list)
    mails: list = field(default_factory=list)

    def of(self, effect):
        """The entries with that effect."""
        return [entry for entry in self.entries if entry["effect"] == effect]

    def drop(self, entry):
        self.entries.remove(entry)


def good_evidence():
    evidence = Evidence()
    for number, expected in enumerate(EXPECTED):
        customer = None if expected.guest else f"cus_{number}"
        charge = {
            "id": f"ch_{number}",
            "amount": expected.amount,
            "currency": expected.currency,
            "customer": customer,
        }
        evidence.entries.append(effect("charge.succeeded", charge, via="control"))
        evidence.mails += [
            mail(
                THANKS,
                "packer",
                f"Customer ID: {customer or 'none (a guest)'}",
                expected.shown,
                run=f"{number}-{copy}",
            )
            for copy in range(expected.thanks)
        ]
        evidence.mails += [
            mail(WARNING, "investigator", f"Charge ID: ch_{number}", expected.shown, run=f"{number}")
            for _copy in range(expected.investigated)
        ]
        if expected.vip:
            evidence.entries.append(effect("customer.updated", {"id": customer, "metadata": {"Tier": "VIP"}}))
        if expected.refunded:
            whose = {"id": f"re_{number}", "charge": f"ch_{number}"}
            refund = {**whose, "amount": expected.refunded, "currency": "usd"}
            evidence.entries.append(effect("refund.created", refund))
    return evidence


def effect(name, data, *, via="api"):
    return {"kind": "effect", "effect": name, "id": data["id"], "via": via, "data": data}


def mail(subject, user, row, amount, *, run):
    return Mail(
        to=(f"{user}@example.com",),
        subject=subject,
        text=f"Please.\n\n{row}\nAmount: {amount}\n",
        run=run,
        step="email_team",
        message_id=f"<{run}@localhost>",
    )
