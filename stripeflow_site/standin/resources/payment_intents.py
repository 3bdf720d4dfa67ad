"""Payment intents: each confirmation succeeds at once, with its charge."""

from typing import Any

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin import payloads
from stripeflow_site.standin.errors import ApiFailure, no_such
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object, difference, snapshot
from stripeflow_site.standin.world import Origin, World

UPDATE: kinds.Spec = {
    "amount": kinds.amount,
    "currency": kinds.currency,
    "customer": kinds.given,
    "description": kinds.text,
    "metadata": kinds.metadata,
    "payment_method": kinds.given,
    "receipt_email": kinds.email,
    "setup_future_usage": kinds.text,
    "shipping": kinds.mapping,
    "statement_descriptor": kinds.text,
    "statement_descriptor_suffix": kinds.text,
    "transfer_group": kinds.text,
    "payment_method_types": kinds.strings,
    "payment_method_options": kinds.anything,
    "payment_method_data": kinds.anything,
}
CONFIRM: kinds.Spec = {
    "payment_method": kinds.given,
    "payment_method_data": kinds.anything,
    "payment_method_options": kinds.anything,
    "off_session": kinds.anything,
    "return_url": kinds.given,
    "receipt_email": kinds.email,
}
CREATE: kinds.Spec = (
    UPDATE
    | CONFIRM
    | {
        "automatic_payment_methods": kinds.anything,
        "capture_method": kinds.anything,
        "confirm": kinds.boolean,
        "confirmation_method": kinds.anything,
        "error_on_requires_action": kinds.boolean,
    }
)
KEPT = frozenset(
    [
        "description",
        "receipt_email",
        "setup_future_usage",
        "shipping",
        "statement_descriptor",
        "statement_descriptor_suffix",
        "transfer_group",
        "payment_method_types",
    ]
)
CONFIRMABLE = ("requires_payment_method", "requires_confirmation")


def create(world: World, origin: Origin, fields: dict[str, Any], *, deliver: bool = True) -> Object:
    """Make a payment intent that waits for its confirmation.

    Raises ApiFailure 400 for a customer that does not exist.
    """
    customer = fields.get("customer")
    check_customer(world, origin, customer)
    method = fields.get("payment_method")
    intent = payloads.payment_intent(
        amount=fields["amount"],
        currency=fields["currency"],
        customer=customer,
        payment_method=method,
        status="requires_confirmation" if method else "requires_payment_method",
        metadata=kinds.merged({}, fields.get("metadata", {})),
        created=world.clock.seconds(),
        livemode=origin.scope.livemode,
        **{name: value for name, value in fields.items() if name in KEPT},
    )
    world.store.add(origin.scope, intent)
    world.emit(origin, "payment_intent.created", intent, deliver=deliver)
    return intent


def check_customer(world: World, origin: Origin, id: str | None) -> None:
    """Raise ApiFailure 400 for the id of a customer that does not exist or was deleted."""
    found = world.store.find(origin.scope, "customer", id) if id else {}
    if found is None or found.get("deleted"):
        raise no_such("customer", id or "", param="customer", status=400)


def succeed(world: World, origin: Origin, intent: Object, *, deliver: bool = True, **fields: Any) -> Object:  # noqa: ANN401
    """Take the payment: payment method, charge and balance transaction, effect and events.

    `fields` are put on the charge. Returns the charge.
    """
    at = world.clock.seconds()
    method = payloads.payment_method(customer=intent["customer"], created=at, livemode=origin.scope.livemode)
    world.store.add(origin.scope, method)
    charge = _charge(world, origin, intent, method["id"], at) | fields
    world.store.add(origin.scope, charge)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        payment_method=method["id"],
    )
    world.effect(origin, "charge.succeeded", charge)
    world.emit(origin, "charge.succeeded", charge, deliver=deliver)
    world.emit(origin, "payment_intent.succeeded", intent, deliver=deliver)
    return charge


def _charge(world: World, origin: Origin, intent: Object, method: str, at: int) -> Object:
    charge = payloads.charge(
        amount=intent["amount"],
        currency=intent["currency"],
        customer=intent["customer"],
        payment_intent=intent["id"],
        payment_method=method,
        metadata=intent["metadata"],
        created=at,
        livemode=origin.scope.livemode,
        description=intent["description"],
        receipt_email=intent["receipt_email"],
        shipping=intent["shipping"],
        transfer_group=intent["transfer_group"],
    )
    entry = payloads.balance_transaction(
        amount=charge["amount"], currency=charge["currency"], source=charge["id"], created=at
    )
    world.store.add(origin.scope, entry)
    return charge | {"balance_transaction": entry["id"]}


@operation("POST", "/v1/payment_intents", CREATE, required=("amount", "currency"))
def create_call(call: Call) -> Object:
    """Create a payment intent; with `confirm` it succeeds at once."""
    intent = create(call.world, call.origin, call.params)
    if call.params.get("confirm"):
        succeed(call.world, call.origin, intent)
    return intent


@operation("POST", "/v1/payment_intents/<id>/confirm", CONFIRM)
def confirm(call: Call) -> Object:
    """Confirm a payment intent, which then succeeds."""
    intent = call.get("payment_intent", param="intent")
    if intent["status"] not in CONFIRMABLE:
        raise _unexpected_state(intent)
    succeed(call.world, call.origin, intent)
    return intent


@operation("POST", "/v1/payment_intents/<id>", UPDATE)
def update(call: Call) -> Object:
    """Update a payment intent; after success only what does not move money."""
    intent = call.get("payment_intent", param="intent")
    new = {name: value for name, value in call.params.items() if name in KEPT}
    if "metadata" in call.params:
        new["metadata"] = kinds.merged(intent["metadata"], call.params["metadata"])
    moved = {name: call.params[name] for name in ("amount", "currency", "customer") if name in call.params}
    if moved and intent["status"] not in CONFIRMABLE:
        raise _unexpected_state(intent)
    check_customer(call.world, call.origin, moved.get("customer"))
    before = snapshot(intent)
    intent.update(new | moved)
    call.world.effect(call.origin, "payment_intent.updated", intent, previous=difference(before, intent))
    return intent


@operation("GET", "/v1/payment_intents/<id>", {"client_secret": kinds.given})
def retrieve(call: Call) -> Object:
    """Retrieve a payment intent."""
    return call.get("payment_intent", param="intent")


@operation("GET", "/v1/payment_intents", PAGING | {"customer": kinds.given})
def list_(call: Call) -> Object:
    """List payment intents."""
    customer = call.params.get("customer")
    return page(call, "payment_intent", where=lambda item: customer in (None, item["customer"]))


def _unexpected_state(intent: Object) -> ApiFailure:
    return ApiFailure(
        400,
        f"This PaymentIntent's status is {intent['status']}, which does not allow this change.",
        code="payment_intent_unexpected_state",
    )
