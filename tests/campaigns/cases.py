"""What a chaos campaign sends, and what each event has to cause: its runs, effects and e-mails."""

import json
import random
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from stripeflow_site.standin.driver import Standin
from tests.workflows.documents import action, branch, compare, document, group, usd, way

UPDATE, KEYLESS_UPDATE = "stripe.customers.update", "keyless.customers.update"
DECIDE, FOLLOW = "Decide", "Follow"
MAIL_STEP = "tell"
EVENT = "{{ event.id }}"
LARGE = compare("trigger.amount", "greater_than", usd(500))


@dataclass(frozen=True)
class Case:
    """One event, and what has to come of it, each once. `marks` are effects at Stripe."""

    event_id: str
    body: bytes
    runs: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Kind:
    amount: int
    currency: str
    runs: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()


KINDS = (
    Kind(2_000, "usd"),
    Kind(20_000, "usd", frozenset({DECIDE}), frozenset({"tag", "note", "keep"}), frozenset({DECIDE})),
    Kind(90_000, "usd", frozenset({DECIDE, FOLLOW}), frozenset({"tag", "note", "refund", "follow"})),
    Kind(90_000, "eur", frozenset({FOLLOW}), frozenset({"follow"})),
)


def documents(*, update: str = UPDATE) -> tuple[dict, ...]:
    """The workflows: keyed steps, a read, a branch, a refund, and an e-mail at the end."""
    return _decide(update), _follow(update)


def _decide(update: str) -> dict:
    refund = action(
        "refund",
        "stripe.refunds.create",
        charge="{{ trigger.latest_charge }}",
        amount={"amount": 100, "currency": "usd"},
        metadata=[{"key": "event", "value": EVENT}],
    )
    tell = action(MAIL_STEP, "email.team_member", to=["packer"], subject="Kept", body=EVENT)
    large = way("large", group(compare("steps.look.amount", "greater_than", usd(500))), refund)
    return document(
        _mark("tag", update),
        action("look", "stripe.charges.retrieve", charge="{{ trigger.latest_charge }}"),
        # An action that is made of the SDK.
        action(
            "note",
            "stripe.charges.update",
            charge="{{ steps.look.id }}",
            metadata=[{"key": "note", "value": EVENT}],
        ),
        branch("choose", large, otherwise=(_mark("keep", update), tell)),
        conditions=group(compare("trigger.amount", "greater_than", usd(50))),
        name=DECIDE,
    )


def _follow(update: str) -> dict:
    euros = compare("trigger.currency", "equal", "eur")
    return document(_mark("follow", update), conditions=group(euros, LARGE, match="any"), name=FOLLOW)


def _mark(name: str, update: str) -> dict:
    return action(name, update, customer="{{ trigger.customer }}", metadata=[{"key": name, "value": EVENT}])


def make_cases(standin: Standin, count: int, rng: random.Random) -> list[Case]:
    """Payments of customers of their own at the stand-in; their events are not delivered."""
    kinds = [rng.choice(KINDS) for _ in range(count)]
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda kind: _case(standin, kind), kinds))


def _case(standin: Standin, kind: Kind) -> Case:
    event = standin.payment(kind.amount, kind.currency, customer="new", deliver=False)["event"]
    return Case(event["id"], json.dumps(event).encode(), kind.runs, kind.marks, kind.mails)


def total(cases: Iterable[Case], name: str) -> int:
    """How many runs, marks or mails all cases together have to cause."""
    return sum(len(getattr(case, name)) for case in cases)
