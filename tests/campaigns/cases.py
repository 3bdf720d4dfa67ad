"""What a chaos campaign sends, and what each event has to cause: its runs, effects and e-mails."""

import json
import random
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import chain

from stripeflow_site.standin.driver import Standin
from tests.campaigns import block_workflows as blocks
from tests.campaigns.block_workflows import EVENT, mark
from tests.workflows.documents import action, branch, compare, document, group, usd, way

UPDATE, KEYLESS_UPDATE = "stripe.customers.update", "keyless.customers.update"
DECIDE, FOLLOW = "Decide", "Follow"
MAIL_STEP = "tell"
LARGE = compare("trigger.amount", "greater_than", usd(500))


@dataclass(frozen=True)
class Wanted:
    """What has to come of an event, each once. `marks` are effects at Stripe.

    `ends` is the state in which the run of a workflow has to end, and `items` are the items of a loop with
    theirs, "row_1 succeeded".
    """

    runs: frozenset[str] = frozenset()
    marks: frozenset[str] = frozenset()
    mails: frozenset[str] = frozenset()
    ends: Mapping[str, str] = field(default_factory=dict)
    items: frozenset[str] = frozenset()
    # What becomes of an approval, and by how many people: "approved 2".
    decisions: frozenset[str] = frozenset()


NOTHING = Wanted()


@dataclass(frozen=True)
class Case:
    """One event, and what has to come of it. Without a body a person causes it, and not Stripe."""

    event_id: str
    body: bytes = b""
    wanted: Wanted = NOTHING


@dataclass(frozen=True)
class Kind:
    """A payment, and what follows it: invoices of its customer, by type and amount."""

    amount: int
    currency: str
    wanted: Wanted = NOTHING
    # The rows of its object, by ID: whether the call for it can succeed.
    rows: tuple[tuple[str, bool], ...] = ()
    followed_by: tuple[tuple[str, int], ...] = ()


def _wanted(
    *runs: str, marks: str = "", ends: Mapping[str, str] | None = None, **more: Iterable[str]
) -> Wanted:
    named = {name: frozenset(values) for name, values in more.items()}
    return Wanted(
        frozenset(runs), frozenset(marks.split(", ") if marks else ()), ends=dict(ends or {}), **named
    )


PLAIN_KINDS = (
    Kind(2_000, "usd"),
    Kind(20_000, "usd", _wanted(DECIDE, marks="tag, note, keep", mails=[DECIDE])),
    Kind(90_000, "usd", _wanted(DECIDE, FOLLOW, marks="tag, note, refund, follow")),
    Kind(90_000, "eur", _wanted(FOLLOW, marks="follow")),
)
BLOCK_KINDS = (
    Kind(
        90_000,
        "gbp",
        _wanted(
            blocks.COLLECT,
            marks="item row_1, item row_3, item row_4, all",
            items=["row_1 succeeded", "row_2 failed", "row_3 succeeded", "row_4 succeeded"],
            ends={blocks.COLLECT: "succeeded"},
        ),
        # One row comes twice, and the call for another one cannot succeed.
        rows=(("row_1", True), ("row_2", False), ("row_3", True), ("row_1", True), ("row_4", True)),
    ),
    Kind(
        90_000,
        "chf",
        _wanted(blocks.ASK, marks="approved", decisions=["approved 2"], ends={blocks.ASK: "succeeded"}),
    ),
    Kind(
        20_000,
        "chf",
        _wanted(blocks.ASK, marks="declined", decisions=["declined 1"], ends={blocks.ASK: "succeeded"}),
    ),
    Kind(
        90_000,
        "sek",
        _wanted(
            blocks.CALL,
            blocks.CALLED,
            marks="called, after",
            ends={blocks.CALL: "succeeded", blocks.CALLED: "succeeded"},
        ),
    ),
    Kind(
        90_000,
        "nok",
        _wanted(blocks.AWAIT, marks="paid 90000, then", ends={blocks.AWAIT: "succeeded"}),
        followed_by=((blocks.PAID, 100), (blocks.PAID, 90_000)),
    ),
    Kind(
        90_000,
        "dkk",
        _wanted(blocks.LEAVE, ends={blocks.LEAVE: "canceled"}),
        followed_by=((blocks.VOIDED, 100),),
    ),
    Kind(90_000, "cad", _wanted(blocks.FAIL, marks="undo", ends={blocks.FAIL: "failed"})),
)


KINDS = (*PLAIN_KINDS, *BLOCK_KINDS)


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
        mark("tag", update),
        action("look", "stripe.charges.retrieve", charge="{{ trigger.latest_charge }}"),
        # An action that is made of the SDK.
        action(
            "note",
            "stripe.charges.update",
            charge="{{ steps.look.id }}",
            metadata=[{"key": "note", "value": EVENT}],
        ),
        branch("choose", large, otherwise=(mark("keep", update), tell)),
        conditions=group(compare("trigger.amount", "greater_than", usd(50))),
        name=DECIDE,
    )


def _follow(update: str) -> dict:
    euros = compare("trigger.currency", "equal", "eur")
    return document(mark("follow", update), conditions=group(euros, LARGE, match="any"), name=FOLLOW)


def make_cases(
    standin: Standin, count: int, rng: random.Random, *, kinds: Sequence[Kind] = KINDS
) -> list[Case]:
    """Payments of customers of their own at the stand-in, and what follows them; nothing is delivered."""
    chosen = [rng.choice(kinds) for _ in range(count)]
    with ThreadPoolExecutor(8) as pool:
        return list(chain.from_iterable(pool.map(lambda kind: _cases(standin, kind), chosen)))


def _cases(standin: Standin, kind: Kind) -> list[Case]:
    event = standin.payment(kind.amount, kind.currency, customer="new", deliver=False)["event"]
    paid = event["data"]["object"]
    if kind.rows:
        customers = {True: paid["customer"], False: blocks.NOBODY}
        paid["rows"] = [{"id": name, "customer": customers[works]} for name, works in kind.rows]
    following = []
    for type_, amount in kind.followed_by:
        invoice = {
            "id": f"in_{amount}_{event['id'][4:]}",
            "object": "invoice",
            "customer": paid["customer"],
            "currency": "usd",
            "amount_paid": amount,
            "number": str(amount),
        }
        following.append(standin.event(type_, invoice, deliver=False))
    first = Case(event["id"], json.dumps(event).encode(), kind.wanted)
    return [first, *(Case(one["id"], json.dumps(one).encode()) for one in following)]


def total(cases: Iterable[Case], name: str) -> int:
    """How many runs, marks, mails or items all cases together have to cause."""
    return sum(len(getattr(case.wanted, name)) for case in cases)
