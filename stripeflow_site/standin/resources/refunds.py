"""Refunds, with Stripe's checks: never more than is left on the charge."""

from typing import Any

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin import payloads
from stripeflow_site.standin.errors import ApiFailure, invalid
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.money import display
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.resources import radar
from stripeflow_site.standin.store import Object, difference, snapshot
from stripeflow_site.standin.world import Origin, World

CREATE: kinds.Spec = {
    "amount": kinds.amount,
    "charge": kinds.given,
    "currency": kinds.currency,
    "customer": kinds.given,
    "instructions_email": kinds.email,
    "metadata": kinds.metadata,
    "origin": kinds.choice("customer_balance"),
    "payment_intent": kinds.given,
    "reason": kinds.choice("duplicate", "fraudulent", "requested_by_customer"),
    "refund_application_fee": kinds.boolean,
    "reverse_transfer": kinds.boolean,
}


def create(world: World, origin: Origin, fields: dict[str, Any]) -> Object:
    """Refund a charge, in whole or in part; effect and events. Raises ApiFailure as Stripe refuses it."""
    charge = _charge(world, origin, fields)
    _refuse_what_cards_cannot(fields)
    amount = _amount(charge, fields.get("amount"))
    refund = _refund(world, origin, charge, amount, fields)
    before = snapshot(charge)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    world.effect(origin, "refund.created", refund, charge=charge["id"])
    world.emit(origin, "refund.created", refund)
    world.emit(origin, "charge.refunded", charge, previous_attributes=difference(before, charge))
    if charge["refunded"]:
        radar.settle(world, origin, charge["id"])
    return refund


def _charge(world: World, origin: Origin, fields: dict[str, Any]) -> Object:
    """The charge that the parameters name, by itself or by its payment intent."""
    charge_id, intent_id = fields.get("charge"), fields.get("payment_intent")
    if charge_id and intent_id:
        charge = world.store.get(origin.scope, "charge", charge_id, param="charge")
        if charge["payment_intent"] != intent_id:
            raise ApiFailure(
                400,
                f"The charge {charge_id} does not belong to the PaymentIntent {intent_id}.",
                param="charge",
            )
        return charge
    if charge_id:
        return world.store.get(origin.scope, "charge", charge_id, param="charge")
    if not intent_id:
        raise invalid(
            "One of the following params should be provided for this request: payment_intent or charge.",
            None,
            "parameter_missing",
        )
    intent = world.store.get(origin.scope, "payment_intent", intent_id, param="payment_intent")
    if not intent["latest_charge"]:
        raise ApiFailure(
            400,
            f"This PaymentIntent ({intent_id}) does not have a successful charge to refund.",
            param="payment_intent",
        )
    return world.store.get(origin.scope, "charge", intent["latest_charge"])


def _refuse_what_cards_cannot(fields: dict[str, Any]) -> None:
    for name in ("customer", "currency", "origin"):
        if name in fields:
            raise ApiFailure(400, f"`{name}` is only for refunds from a customer's cash balance.", param=name)
    if fields.get("instructions_email"):
        raise ApiFailure(
            400,
            "`instructions_email` is not supported for refunds of the payment method type card.",
            param="instructions_email",
        )


def _amount(charge: Object, asked: int | None) -> int:
    total, left, currency = charge["amount"], charge["amount"] - charge["amount_refunded"], charge["currency"]
    if charge["disputed"]:
        raise ApiFailure(400, f"Charge {charge['id']} has been charged back.", code="charge_disputed")
    if left == 0:
        raise ApiFailure(
            400, f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = left if asked is None else asked
    if amount > left:
        than = "unrefunded amount on charge" if left < total else "charge amount"
        raise ApiFailure(
            400,
            f"Refund amount ({display(amount, currency)}) is greater than {than} ({display(left, currency)})",
            param="amount",
        )
    return amount


def _refund(world: World, origin: Origin, charge: Object, amount: int, fields: dict[str, Any]) -> Object:
    at = world.clock.seconds()
    refund = payloads.refund(
        amount=amount,
        currency=charge["currency"],
        charge=charge["id"],
        payment_intent=charge["payment_intent"],
        reason=fields.get("reason"),
        metadata=kinds.merged({}, fields.get("metadata", {})),
        created=at,
    )
    entry = payloads.balance_transaction(
        amount=-amount, currency=charge["currency"], source=refund["id"], type="refund", created=at
    )
    world.store.add(origin.scope, entry)
    return world.store.add(origin.scope, refund | {"balance_transaction": entry["id"]})


@operation("POST", "/v1/refunds", CREATE)
def create_call(call: Call) -> Object:
    """Create a refund."""
    return create(call.world, call.origin, call.params)


@operation("GET", "/v1/refunds/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve a refund."""
    return call.get("refund")


@operation("POST", "/v1/refunds/<id>", {"metadata": kinds.metadata})
def update(call: Call) -> Object:
    """Update a refund's metadata."""
    refund = call.get("refund")
    before = snapshot(refund)
    refund["metadata"] = kinds.merged(refund["metadata"], call.params.get("metadata", {}))
    previous = difference(before, refund)
    call.world.effect(call.origin, "refund.updated", refund, previous=previous)
    if previous:
        call.world.emit(call.origin, "refund.updated", refund, previous_attributes=previous)
    return refund


@operation("GET", "/v1/refunds", PAGING | {"charge": kinds.given, "payment_intent": kinds.given})
def list_(call: Call) -> Object:
    """List refunds."""
    charge, intent = call.params.get("charge"), call.params.get("payment_intent")
    return page(
        call,
        "refund",
        where=lambda item: charge in (None, item["charge"]) and intent in (None, item["payment_intent"]),
    )
