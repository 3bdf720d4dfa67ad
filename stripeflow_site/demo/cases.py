"""The events of the demo: each workflow's condition from both sides."""

from dataclasses import dataclass

from stripeflow_site.standin.driver import Standin

REPEATED = 3


@dataclass(frozen=True)
class Sent:
    """An event that was delivered, and what it is about, for people."""

    event_id: str
    title: str


def send_all(standin: Standin) -> list[Sent]:
    """Make all payments and warnings, and wait until every event is delivered.

    One event goes out again in several concurrent copies, as Stripe may do. Raises `StandinError`.
    """
    sent = [
        _payment(standin, 100_000, "usd", "USD 1,000.00"),
        _payment(standin, 100_001, "usd", "USD 1,000.01"),
        _payment(standin, 200_001, "usd", "USD 2,000.01"),
        _payment(standin, 200_001, "usd", "USD 2,000.01", guest=True),
        _payment(standin, 500_000, "eur", "EUR 5,000.00"),
        _payment(standin, 5_000, "jpy", "JPY 5,000"),
        _warning(standin, 1_499, "USD 14.99"),
        _warning(standin, 1_500, "USD 15.00"),
        _warning(standin, 1_400, "USD 14.00, USD 5.00 of it refunded before", refunded=500),
    ]
    standin.wait_for_deliveries()
    for repeated in (sent[2], sent[6]):
        standin.deliver(repeated.event_id, times=REPEATED)
    return sent


def _payment(standin: Standin, amount: int, currency: str, shown: str, *, guest: bool = False) -> Sent:
    customer = None if guest else standin.create_customer(name="Sample Buyer")["id"]
    event = standin.payment(amount, currency, customer=customer)["event"]
    return Sent(event["id"], f"Payment of {shown}" + (", a guest" if guest else ""))


def _warning(standin: Standin, amount: int, shown: str, *, refunded: int = 0) -> Sent:
    customer, before = standin.create_customer()["id"], {"amount_refunded": refunded}
    charge = standin.payment(amount, "usd", customer=customer, charge=before)["charge"]
    event = standin.fraud_warning(charge["id"])["event"]
    return Sent(event["id"], f"Fraud warning on {shown}")
