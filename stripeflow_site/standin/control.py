"""Controls under /_control/: JSON in, JSON out. They make what Stripe's customers and banks would make."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from stripeflow_site.standin import __name__ as package
from stripeflow_site.standin import money, thin_events
from stripeflow_site.standin.delivery import Webhook
from stripeflow_site.standin.errors import ApiFailure
from stripeflow_site.standin.payloads import API_VERSION
from stripeflow_site.standin.resources import billing, customers, payment_intents, radar
from stripeflow_site.standin.store import Scope
from stripeflow_site.standin.world import Origin, World

Document = dict[str, Any]
Control = Callable[[World, Document], Any]

CONTROLS: dict[tuple[str, str], Control] = {}
LONGEST_WAIT = 120.0


class ControlError(ValueError):
    """A control call that cannot be done; says why in a sentence."""


def control(method: str, name: str) -> Callable[[Control], Control]:
    """Register a control call."""

    def register(function: Control) -> Control:
        CONTROLS[method, name] = function
        return function

    return register


def run(world: World, method: str, name: str, document: Document) -> Any:  # noqa: ANN401 - any JSON value
    """Do a control call. Raises ControlError with a sentence."""
    function = CONTROLS.get((method, name))
    if function is None:
        raise ControlError(f"There is no control {method} {name}.")
    try:
        return function(world, document)
    except ApiFailure as failure:
        raise ControlError(failure.message) from failure
    except ControlError:
        raise
    except KeyError as missing:
        raise ControlError(f"The control {name} needs {missing}.") from missing
    except (TypeError, ValueError) as error:
        raise ControlError(f"The control {name} was refused: {str(error).rstrip('.')}.") from error


def _origin(document: Document) -> Origin:
    return Origin(Scope(document.pop("account", None) or "", bool(document.pop("livemode", False))))


@control("GET", "health")
def health(world: World, document: Document) -> Document:
    """That it lives, and how it is set up."""
    return {
        "ok": True,
        "name": package,
        "api_version": API_VERSION,
        "account": world.account,
        "now": world.clock.now(),
        "ledger": str(world.ledger.path),
        "webhook": _shown(world.webhook),
    }


def _shown(webhook: Webhook) -> Document:
    return {
        "url": webhook.url,
        "secrets": len(webhook.secrets),
        "enabled_events": list(webhook.enabled_events),
        "api_events": webhook.api_events,
        "max_attempts": webhook.max_attempts,
        "retry_seconds": webhook.retry_seconds,
        "timeout_seconds": webhook.timeout_seconds,
    }


@control("POST", "webhook")
def webhook(world: World, document: Document) -> Document:
    """Where and how events are delivered from now on."""
    given = dict(document)
    if "secret" in given:
        given["secrets"] = (given.pop("secret"),)
    for name in ("secrets", "enabled_events"):
        if name in given:
            given[name] = tuple(given[name])
    with world.lock:
        world.webhook = replace(world.webhook, **given)
    return _shown(world.webhook)


@control("POST", "customers")
def make_customer(world: World, document: Document) -> Document:
    """Make a customer: name, email, metadata or any other field."""
    given: dict[str, Any] = {"name": "Sample Buyer", "email": "buyer@example.com"} | document
    origin, deliver = _origin(given), given.pop("deliver", True)
    if unknown := set(given) - set(customers.UPDATE):
        raise ControlError(f"A customer has no {', '.join(sorted(unknown))}.")
    with world.lock:
        return customers.create(world, origin, given, deliver=deliver)


@control("POST", "payments")
def pay(world: World, document: Document) -> Document:
    """Take a payment: payment intent and charge, succeeded, and their events.

    `customer` is an id, null or missing for a guest, or "new". `charge` holds fields put on the charge.
    """
    given = dict(document)
    origin, deliver = _origin(given), given.pop("deliver", True)
    on_charge = given.pop("charge", {})
    amount = given["amount"]
    if isinstance(amount, bool) or not isinstance(amount, int) or amount < 1:
        raise ControlError("The amount is a whole number of minor units above 0.")
    if unknown := set(given) - set(payment_intents.UPDATE):
        raise ControlError(f"A payment has no {', '.join(sorted(unknown))}.")
    with world.lock:
        if given.get("customer") == "new":
            buyer = {"name": "Sample Buyer", "email": "buyer@example.com"}
            given["customer"] = customers.create(world, origin, buyer, deliver=deliver)["id"]
        intent = payment_intents.create(world, origin, {"currency": "usd"} | given, deliver=deliver)
        charge = payment_intents.succeed(world, origin, intent, deliver=deliver, **on_charge)
        event = next(world.store.newest(origin.scope, "event"))
        return {"payment_intent": intent, "charge": charge, "event": event}


@control("POST", "fraud-warnings")
def warn(world: World, document: Document) -> Document:
    """Make an early fraud warning of a charge."""
    given: dict[str, Any] = {"fraud_type": "made_with_stolen_card"} | document
    origin = _origin(given)
    with world.lock:
        warning, event = radar.warn(world, origin, **given)
    return {"early_fraud_warning": warning, "event": event}


@control("POST", "events")
def send_event(world: World, document: Document) -> Document:
    """Make an event of any type with the given object, and deliver it.

    Also: previous_attributes, id, created, request_id, idempotency_key, api_version, deliver.
    """
    given = dict(document)
    origin = _origin(given)
    type_, obj = given.pop("type"), given.pop("object")
    with world.lock:
        return world.emit(origin, type_, obj, **given)


@control("POST", "objects")
def make_object(world: World, document: Document) -> Document:
    """Keep an object of a kind: subscription, invoice, dispute, review, payout, price, product,
    checkout.session.

    Any of its fields may be given; no event comes of it.
    """
    given = dict(document)
    origin = _origin(given)
    kind = given.pop("kind")
    with world.lock:
        return billing.create(world, origin, kind, given)


@control("POST", "thin-events")
def send_thin_event(world: World, document: Document) -> Document:
    """Keep the given object, make a thin event about it, and deliver its notification.

    Also: id, created, context, changes, data, idempotency_key, deliver.
    """
    given = dict(document)
    origin = _origin(given)
    type_, obj = given.pop("type"), given.pop("object")
    with world.lock:
        return world.emit_thin(origin, type_, obj, **given)


@control("GET", "events")
def list_events(world: World, document: Document) -> list[Document]:
    """All events of all accounts, oldest first; of one `type` if given."""
    wanted = document.get("type")
    with world.lock:
        return [event for _, event in world.store.everywhere("event") if wanted in (None, event["type"])]


@control("GET", "object")
def show_object(world: World, document: Document) -> Document:
    """Any object by its `id`."""
    id = document["id"]
    scope = Scope(document.get("account", ""), document.get("livemode") == "true")
    with world.lock:
        found = world.store.by_id(scope, id)
    if found is None:
        raise ControlError(f"There is no object {id}.")
    return found


@control("POST", "deliver")
def deliver(world: World, document: Document) -> Document:
    """Deliver an event (again), signed afresh, in `times` concurrent copies.

    For hostile cases: `url`, `secret`, `timestamp` (of the signature), `signature` (the whole header),
    `body` (text instead of the event). With `wait` (seconds), replies when the copies have settled.
    """
    given = dict(document)
    id, wait = given.pop("event"), min(float(given.pop("wait", 0) or 0), LONGEST_WAIT)
    changed: dict[str, Any] = {"url": given.pop("url", None) or world.webhook.url}
    if "secret" in given:
        changed["secrets"] = (given.pop("secret"),)
    if "max_attempts" in given:
        changed["max_attempts"] = given.pop("max_attempts")
    target = replace(world.webhook, **changed)
    if not target.url:
        raise ControlError("There is no webhook URL to deliver to.")
    body = given.pop("body", None)
    with world.lock:
        event = _event(world, id)
        sent = world.deliver(event, webhook=target, body=None if body is None else body.encode(), **given)
    settled = world.deliveries.wait(wait, sent) if wait else False
    return {"settled": settled, "deliveries": [delivery.to_json() for delivery in sent]}


def _event(world: World, id: str) -> Document:
    if event := world.store.anywhere("event", id):
        return event
    thin = world.store.anywhere("v2.core.event", id)
    if thin is None:
        raise ControlError(f"There is no event {id}.")
    return thin_events.notification(thin)


@control("GET", "deliveries")
def deliveries(world: World, document: Document) -> Document:
    """The delivery log, of one `event` if given; with `wait`, once nothing is pending any more."""
    wait = min(float(document.get("wait", 0)), LONGEST_WAIT)
    settled = world.deliveries.wait(wait)
    return {"settled": settled, "deliveries": world.deliveries.log(event=document.get("event"))}


@control("GET", "ledger")
def ledger(world: World, document: Document) -> list[Document]:
    """The ledger since the last reset: of one `kind`, with a seq above `after`."""
    after = int(document.get("after", 0))
    return list(world.ledger.entries(kind=document.get("kind"), after=after))


@control("GET", "faults")
def faults(world: World, document: Document) -> list[Document]:
    """The faults that are on."""
    return world.faults.listed()


@control("POST", "faults")
def add_fault(world: World, document: Document) -> Document:
    """Switch a fault on."""
    return world.faults.add(document).to_json()


@control("POST", "faults/clear")
def clear_faults(world: World, document: Document) -> Document:
    """Switch the fault `id` off, or all."""
    return {"cleared": world.faults.clear(document.get("id"))}


@control("POST", "clock")
def clock(world: World, document: Document) -> Document:
    """Move the clock on by `advance` seconds, or back to real time with `reset`."""
    if document.get("reset"):
        world.clock.reset()
    else:
        world.clock.advance(float(document["advance"]))
    return {"now": world.clock.now()}


@control("POST", "reset")
def reset(world: World, document: Document) -> Document:
    """Forget everything but the webhook's settings and the ledger's file."""
    world.reset()
    return {"ok": True}


def sample(world: World, name: str) -> Document:
    """One of the page's samples; returns its event. Raises ControlError for an unknown one."""
    kind, _, rest = name.partition("-")
    buyer: str | None = "new"
    if kind == "guest":
        kind, buyer = "payment", None
    currency, _, typed = rest.partition("-")
    if kind not in ("payment", "warning") or not typed:
        raise ControlError(f"There is no sample {name}.")
    paid = {"amount": money.minor(typed, currency), "currency": currency, "customer": buyer}
    made = pay(world, paid)
    if kind == "payment":
        return made["event"]
    return warn(world, {"charge": made["charge"]["id"]})["event"]
