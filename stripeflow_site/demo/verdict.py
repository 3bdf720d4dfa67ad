"""Judges the demo by its effects alone: `python -m stripeflow_site.demo.verdict LEDGER MAILS`.

It reads the stand-in's ledger and the e-mail files, and neither our tables nor our API. What ought to be
there is written down here once more, by the amounts of the payments, so that the demo cannot agree with
itself.
"""

import argparse
import json
import sys
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from stripeflow_site.local.mails import Mail, mails_in

Entry = dict[str, Any]

THANKS = "A large order: add a thank-you note"
WARNING = "Early fraud warning: please investigate"
GUEST = "none (a guest)"


@dataclass(frozen=True)
class Expected:
    """What a payment of this amount must lead to; `thanks` and the like count e-mails.

    `amount` and `refunded` are in minor units.
    """

    amount: int
    currency: str
    shown: str
    guest: bool = False
    thanks: int = 0
    vip: bool = False
    refunded: int = 0
    investigated: int = 0

    def __str__(self) -> str:
        return f"payment of {self.shown}" + (" by a guest" if self.guest else "")


# Two workflows thank for a large order. A guest is thanked, and there is no customer to tag.
# The last three payments are those with fraud warnings; of the very last one, 500 were refunded before.
EXPECTED = (
    Expected(100_000, "usd", "$1,000.00 USD"),
    Expected(100_001, "usd", "$1,000.01 USD", thanks=2),
    Expected(200_001, "usd", "$2,000.01 USD", thanks=2, vip=True),
    Expected(200_001, "usd", "$2,000.01 USD", guest=True, thanks=2),
    Expected(500_000, "eur", "€5,000.00 EUR"),
    Expected(5_000, "jpy", "¥5,000 JPY"),
    Expected(1_499, "usd", "$14.99 USD", refunded=1_499),
    Expected(1_500, "usd", "$15.00 USD", investigated=1),
    Expected(1_400, "usd", "$14.00 USD", refunded=900),
)


@dataclass
class Evidence:
    """What the ledger and the e-mails say; what is explained is taken out, so that the rest is unexpected."""

    charges: list[Entry]
    updates: list[Entry]
    refunds: list[Entry]
    others: list[Entry]
    mails: list[Mail]
    sentences: list[str] = field(default_factory=list)


def judge(entries: Iterable[Entry], mails: Iterable[Mail]) -> list[str]:
    """A sentence for each deviation: missing, doubled or unexpected. Empty if all is as it should be."""
    evidence = _evidence(entries, mails)
    for expected in EXPECTED:
        charge = _take_charge(evidence, expected)
        if charge is None:
            evidence.sentences.append(f"There was no {expected}.")
            continue
        _judge_mails(evidence, expected, charge)
        _judge_customer(evidence, expected, charge)
        _judge_refunds(evidence, expected, charge)
    return evidence.sentences + _unexplained(evidence)


def _evidence(entries: Iterable[Entry], mails: Iterable[Mail]) -> Evidence:
    effects = [entry for entry in entries if entry["kind"] == "effect"]
    ours = [entry for entry in effects if entry["via"] == "api"]
    return Evidence(
        charges=[entry["data"] for entry in effects if entry["effect"] == "charge.succeeded"],
        updates=[entry for entry in ours if entry["effect"] == "customer.updated"],
        refunds=[entry["data"] for entry in effects if entry["effect"] == "refund.created"],
        others=[entry for entry in ours if entry["effect"] not in ("customer.updated", "refund.created")],
        mails=list(mails),
    )


def _take_charge(evidence: Evidence, expected: Expected) -> Entry | None:
    for charge in evidence.charges:
        made = (charge["amount"], charge["currency"], charge["customer"] is None)
        if made == (expected.amount, expected.currency, expected.guest):
            evidence.charges.remove(charge)
            return charge
    return None


def _judge_mails(evidence: Evidence, expected: Expected, charge: Entry) -> None:
    customer = ("Customer ID", charge["customer"] or GUEST)
    amount = ("Amount", expected.shown)
    thanks = _take_mails(evidence, THANKS, customer, amount)
    warned = _take_mails(evidence, WARNING, ("Charge ID", charge["id"]), amount)
    _count(evidence, f"thank-you e-mails for the {expected}", thanks, expected.thanks)
    _count(evidence, f"e-mails that ask to investigate the {expected}", warned, expected.investigated)
    if len({mail.run for mail in thanks}) != len(thanks):
        evidence.sentences.append(f"One run sent several e-mails for the {expected}.")
    for user, mails in (("packer", thanks), ("investigator", warned)):
        _judge_recipients(evidence, expected, mails, f"{user}@example.com")


def _judge_recipients(evidence: Evidence, expected: Expected, mails: list[Mail], address: str) -> None:
    for mail in mails:
        if mail.to != (address,):
            evidence.sentences.append(f"An e-mail for the {expected} went to {', '.join(mail.to)}.")


def _take_mails(evidence: Evidence, subject: str, *rows: tuple[str, str]) -> list[Mail]:
    """Take out the e-mails with that subject, and with each of those rows."""
    found = [
        mail
        for mail in evidence.mails
        if mail.subject == subject and all(mail.row(label) == value for label, value in rows)
    ]
    evidence.mails = [mail for mail in evidence.mails if mail not in found]
    return found


def _judge_customer(evidence: Evidence, expected: Expected, charge: Entry) -> None:
    updates = [entry for entry in evidence.updates if entry["id"] == charge["customer"]]
    evidence.updates = [entry for entry in evidence.updates if entry not in updates]
    _count(evidence, f"updates of the customer of the {expected}", updates, int(expected.vip))
    for entry in updates:
        if entry["data"]["metadata"] != {"Tier": "VIP"}:
            evidence.sentences.append(
                f"The customer of the {expected} has the metadata {json.dumps(entry['data']['metadata'])}."
            )


def _judge_refunds(evidence: Evidence, expected: Expected, charge: Entry) -> None:
    refunds = [refund for refund in evidence.refunds if refund["charge"] == charge["id"]]
    evidence.refunds = [refund for refund in evidence.refunds if refund not in refunds]
    _count(evidence, f"refunds of the {expected}", refunds, int(expected.refunded > 0))
    for refund in refunds:
        if (refund["amount"], refund["currency"]) != (expected.refunded, expected.currency):
            evidence.sentences.append(
                f"The refund of the {expected} was of {refund['amount']} {refund['currency']} in minor units."
            )


def _count(evidence: Evidence, what: str, found: list[Any], wanted: int) -> None:
    if len(found) != wanted:
        evidence.sentences.append(f"There were {len(found)} {what}, and not {wanted}.")


def _unexplained(evidence: Evidence) -> list[str]:
    left = Counter(
        {
            "payments": len(evidence.charges),
            "updates of customers": len(evidence.updates),
            "refunds": len(evidence.refunds),
            "other changes at Stripe": len(evidence.others),
            "e-mails": len(evidence.mails),
        }
    )
    return [f"There were {count} {what} that nothing explains." for what, count in left.items() if count]


def read_ledger(path: Path) -> list[Entry]:
    """The lines of the ledger."""
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def main(argv: list[str] | None = None) -> int:
    """Print the verdict; the exit status is 0 only if there is no deviation."""
    parser = argparse.ArgumentParser(prog="python -m stripeflow_site.demo.verdict", description=__doc__)
    parser.add_argument("ledger", type=Path, help="The stand-in's ledger.")
    parser.add_argument("mails", type=Path, help="The folder with the e-mail files.")
    options = parser.parse_args(argv)
    if not options.ledger.is_file():
        sys.stdout.write(f"Verdict: there is no ledger at {options.ledger}.\n")
        return 2
    sentences = judge(read_ledger(options.ledger), mails_in(options.mails))
    for sentence in sentences:
        sys.stdout.write(f"WRONG  {sentence}\n")
    if sentences:
        sys.stdout.write(f"Verdict: {len(sentences)} deviations.\n")
        return 1
    sys.stdout.write(
        f"Verdict: right. {len(EXPECTED)} payments; each e-mail, tag and refund is where it belongs, once.\n"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
