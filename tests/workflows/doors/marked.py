"""An installation in which every value of an event, and of what Stripe answers, carries a mark."""

import json
import logging
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any
from unittest import mock

import stripe
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.actions.builtin.refund_limits import RefundRequest, check_cap, check_charge
from stripeflow.actions.inputs import StringInput
from stripeflow.triggers.log_redaction import RedactingFilter
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import connection_changes, secret_changes
from stripeflow.workflows.credentials.connection_changes import Wanted
from stripeflow.workflows.destinations import changes as destinations
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.monitoring.log_lines import KeyValueFormatter
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.suppressions import changes as suppressions
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.events import accept
from tests.workflows.recording import recording_action

MARK = "zqmarked"
# In minor units, and as an amount for people.
AMOUNT, AMOUNT_SHOWN = 73_194_628, "731,946.28"
SECRET = "xkhidden"
# Turns what follows around, and has no width.
UNSEEN = "\u202e\u200b"
# What may be seen of an event without the permission to see payloads.
ENVELOPE = {"id", "object", "type", "livemode", "account", "api_version", "created", "currency"}
CHARGE_CREATED = "charge.succeeded"


def marked(value: Any) -> Any:
    """The same JSON with a mark in each text and amount, and in the keys of metadata."""
    if isinstance(value, dict):
        return {
            key: inner if key in ENVELOPE else _metadata() if key == "metadata" else marked(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [marked(item) for item in value]
    if isinstance(value, bool) or value is None:
        return value
    return AMOUNT if isinstance(value, int) else f"{value}_{MARK}{UNSEEN}"


def _metadata() -> dict[str, str]:
    return {"plain": f"value {MARK}{UNSEEN}", f"key_{MARK}{UNSEEN}": "value"}


def charge(**fields: Any) -> dict[str, Any]:
    found = {
        "id": "ch_1",
        "object": "charge",
        "amount": 1,
        "amount_refunded": 0,
        "currency": "eur",
        "customer": "cus",
        "payment_intent": "pi",
        "receipt_email": "jane@example.com",
        "description": "A note",
        "billing_details": {"name": "Jane", "address": {"city": "Paris", "line1": "1 rue"}},
        "refunds": {"object": "list", "data": [{"object": "refund", "reason": "why"}]},
        "tags": ["one", "two"],
        "metadata": {},
        "paid": True,
    }
    return {**marked(found), **fields}


class FakeStripe(stripe.HTTPClient):
    """Answers each call with what `then` was given; a charge, if nothing is left of it."""

    name = "fake"

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[tuple[int, dict[str, Any], dict[str, str]]] = []

    def fails(self, status: int, *, code: str = "resource_missing", **headers: str) -> None:
        error = {"message": f"No such thing: '{MARK}{UNSEEN}'", "code": code, "param": f"metadata[{MARK}]"}
        if code == "idempotency_error":
            error["type"] = code
        self.answers.append((status, {"error": error}, {"request-id": "req_1", **headers}))

    def request(self, method: str, url: str, headers: Any, post_data: Any = None) -> tuple[str, int, Any]:
        status, body, more = self.answers.pop(0) if self.answers else (200, charge(), {})
        return json.dumps(body), status, more

    def close(self) -> None:
        pass


@dataclass
class Lines(logging.Handler):
    """What a worker or a web process would have logged."""

    texts: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        logging.Handler.__init__(self)
        self.addFilter(RedactingFilter())
        self.setFormatter(KeyValueFormatter("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.texts.append(self.format(record))

    __hash__ = object.__hash__


@dataclass
class Way:
    """How a run comes to its state: its steps, what happens meanwhile, and the state."""

    steps: tuple[Any, ...]
    status: str
    stripe: tuple[Any, ...] = ()
    action: tuple[Any, ...] = ()
    # What is there to be seen in its error for people who may see payloads.
    seen: str = MARK


def _text(template: str) -> tuple[Any, ...]:
    return (action("one", text=template),)


RETRIEVE = action("charge", "stripe.charges.retrieve", charge="ch_1")
UPDATE = action("change", "stripe.customers.update", customer="cus_1", name="{{ trigger.description }}")
REFUND = action("refund", "stripe.refunds.create", charge="ch_1")
LARGE = group(compare("trigger.amount", "greater_than", usd(15)))


def _above_cap() -> dict[str, Any]:
    check_cap(AMOUNT, 100, "eur")
    return {}


def _over_left() -> dict[str, Any]:
    check_charge(charge(amount=5, amount_refunded=0), RefundRequest(amount=AMOUNT))
    return {}


def ways() -> dict[str, Way]:
    """Every way in which a run may end or wait, by name."""
    fails, asks = mock.call, action("one", "test.ask", text="x")
    money = action("money", "test.money", text="y")
    return {
        # The first one, so that its pages are looked at: it moves money.
        "a spent key": Way((REFUND,), "outcome_unknown", (fails(400, code="idempotency_error"),) * 2),
        "it works": Way((RETRIEVE, *_text("{{ trigger.description }}")), "succeeded", seen=""),
        "a branch": Way((branch("b", way("w", _on("trigger.tags.0"), *_text("x"))),), "succeeded", seen=""),
        "undecided": Way((branch("b", way("w", LARGE, *_text("x")), otherwise=(money,)),), "held", seen=""),
        "a missing value": Way(_text("{{ trigger.nothing }}"), "failed", seen=""),
        "a time zone": Way(_text('{{ trigger.amount | date("%Y", trigger.receipt_email) }}'), "failed"),
        "a format": Way(_text("{{ trigger.amount | date(trigger.percent) }}"), "failed", seen="%Q"),
        "a currency": Way(
            _text("{{ trigger.amount | money(trigger.receipt_email) }}"), "failed", seen="jane"
        ),
        "a field": Way(_text("{{ trigger.tags | map(trigger.description) }}"), "failed"),
        "an ID": Way((_of_charge("{{ trigger.description }}"),), "failed", seen=""),
        "refused": Way((UPDATE,), "failed", (fails(400),)),
        "not found": Way((RETRIEVE,), "failed", (fails(404),)),
        "a card": Way((RETRIEVE,), "failed", (fails(402, code="card_declined"),)),
        "goes on": Way(({**RETRIEVE, "on_error": "continue"},), "succeeded", (fails(404),), seen=""),
        "an error branch": Way(
            (failing(RETRIEVE, action("two", text="{{ steps.charge.error.message }}")),),
            "succeeded",
            (fails(404),),
            seen="",
        ),
        "a rate limit": Way((UPDATE,), "waiting", (fails(429),)),
        "no answer": Way((UPDATE,), "waiting", (fails(500),)),
        "a key": Way((UPDATE,), "held", (fails(401),)),
        "forbidden": Way((UPDATE,), "held", (fails(403),)),
        "above the cap": Way(_text("x"), "failed", action=(_above_cap,), seen=AMOUNT_SHOWN),
        "more than is left": Way(_text("x"), "failed", action=(_over_left,), seen=AMOUNT_SHOWN),
        "plain words": Way(_text("x"), "failed", action=(errors.PermanentError(f"It was {MARK}."),)),
        "nobody knows": Way((asks,), "outcome_unknown", action=(errors.UnknownOutcome(MARK),)),
        "it broke": Way((asks,), "outcome_unknown", action=(KeyError(MARK),), seen=""),
        "a secret": Way((action("s", "test.secret", text={"secret": "hidden"}),), "succeeded", seen=""),
    }


def _of_charge(charge_id: str) -> dict[str, Any]:
    return action("charge", "stripe.charges.retrieve", charge=charge_id)


def _on(path: str) -> dict[str, Any]:
    return group(compare(path, "contains", MARK.removeprefix("zq")))


@dataclass
class World:
    """All of it, and what was logged while it was made."""

    event: Event
    broken: Event
    runs: dict[str, Run]
    lines: Lines


def made(recorder: Any, *, owner: Any, settings: Any) -> World:
    """Build it: a workflow and a run for each way, and an event that could not be compared."""
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_" + "d" * 24
    secret_changes.store("hidden", SECRET)
    _other_systems()
    fake = FakeStripe()
    with ExitStack() as stack:
        stack.enter_context(mock.patch("stripeflow.actions.stripe_client._http_client", return_value=fake))
        lines = stack.enter_context(logged())
        found, mails = ways(), _on("trigger.receipt_email")
        workflows = {
            name: _activated(name, *one.steps, owner=owner, conditions=mails) for name, one in found.items()
        }
        # Of this one the page that says why it did not run shows what its condition saw.
        other = group(compare("trigger.description", "equal", "x"))
        _activated("not met", *_text("x"), owner=owner, conditions=other)
        event = accept(charge(percent=f"%Q{MARK}"), type=CHARGE_CREATED)
        runs = {}
        for name, one in found.items():
            runs[name] = Run.objects.get(workflow=workflows[name], event=event)
            _run(runs[name], one, fake, recorder)
        runs["conditions"] = _crashed(
            "conditions", "stripeflow.workflows.matching.starting.evaluate_trigger", owner=owner
        )
        runs["engine"] = _crashed(
            "engine", "stripeflow.workflows.engine.execution.Execution._steps", owner=owner
        )
        return World(event, _broken(), runs, lines)


def _other_systems() -> None:
    """A connection whose secret is the planted one, an address that gets no e-mail, and a destination."""
    wanted = Wanted("The shop", address="https://shop.example.com", auth="bearer", secret="hidden")
    connection_changes.create("shop", wanted)
    suppressions.add("jane@example.com")
    destination = destinations.Wanted("Warehouse", "https://example.com/webhooks", ("run.failed",))
    destinations.ping(destinations.add(destination, Act()).destination, Act())


@contextmanager
def logged() -> Iterator[Lines]:
    """The lines that the site would log meanwhile."""
    lines, root = Lines(), logging.getLogger()
    root.addHandler(lines)
    try:
        yield lines
    finally:
        root.removeHandler(lines)


def _run(run: Run, one: Way, fake: FakeStripe, recorder: Any) -> None:
    for call in one.stripe:
        fake.fails(*call.args, **call.kwargs)
    recorder.then(*one.action)
    execute(run.pk)
    # A call whose key is spent is looked up next.
    if one.status == "outcome_unknown":
        Run.objects.filter(pk=run.pk, status="waiting").update(due_at=timezone.now())
        execute(run.pk)
    fake.answers.clear()
    recorder.plans.clear()
    run.refresh_from_db()


def _broken() -> Event:
    """An event that could be neither compared nor mirrored."""
    event = accept(charge(id="ch_broken"), type="charge.updated")
    said = {"match_error": f"ValueError: {MARK}", "mirror_error": f"InvalidRequestError: {MARK}"}
    Event.objects.filter(pk=event.pk).update(**said)
    return event


def _activated(name: str, *steps: Any, owner: Any, event_type: str = CHARGE_CREATED, **more: Any) -> Workflow:
    made_up = document(*steps, name=name.title(), event_type=event_type, **more)
    workflow = lifecycle.create(made_up, owner=owner)
    lifecycle.activate(workflow)
    return workflow


def _crashed(name: str, place: str, *, owner: Any) -> Run:
    """A run that a defect ends, whose exception tells a value."""
    event_type, conditions = "charge.failed", _on("trigger.receipt_email")
    workflow = _activated(name, *_text("x"), owner=owner, event_type=event_type, conditions=conditions)
    with mock.patch(place, side_effect=ValueError(MARK)):
        event = accept(charge(id=f"ch_{name}"), type=event_type)
        run = Run.objects.get(workflow=workflow, event=event)
        execute(run.pk)
    lifecycle.deactivate(workflow)
    run.refresh_from_db()
    return run


def secret_action(recorder: Any) -> Any:
    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput("text", label="Text", secret=True),)
    return registry.temporarily(kind)
