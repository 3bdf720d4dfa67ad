"""Charges: made by payment intents, read and annotated here."""

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.resources.payment_intents import check_customer
from stripeflow_site.standin.store import Object, difference, snapshot

UPDATE: kinds.Spec = {
    "customer": kinds.given,
    "description": kinds.text,
    "fraud_details": kinds.mapping,
    "metadata": kinds.metadata,
    "receipt_email": kinds.email,
    "shipping": kinds.mapping,
    "transfer_group": kinds.text,
}


@operation("GET", "/v1/charges/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve a charge."""
    return call.get("charge")


@operation(
    "GET",
    "/v1/charges",
    PAGING | {"customer": kinds.given, "payment_intent": kinds.given, "transfer_group": kinds.given},
)
def list_(call: Call) -> Object:
    """List charges."""
    wanted = {
        name: call.params[name]
        for name in ("customer", "payment_intent", "transfer_group")
        if name in call.params
    }
    return page(call, "charge", where=lambda item: wanted.items() <= _flat(item).items())


def _flat(charge: Object) -> Object:
    return {name: charge[name] for name in ("customer", "payment_intent", "transfer_group")}


@operation("POST", "/v1/charges/<id>", UPDATE)
def update(call: Call) -> Object:
    """Update a charge's notes; no money moves."""
    charge = call.get("charge")
    check_customer(call.world, call.origin, call.params.get("customer"))
    new = {name: value for name, value in call.params.items() if name != "expand"}
    if "metadata" in new:
        new["metadata"] = kinds.merged(charge["metadata"], new["metadata"])
    before = snapshot(charge)
    charge.update(new)
    previous = difference(before, charge)
    call.world.effect(call.origin, "charge.updated", charge, previous=previous)
    if previous:
        call.world.emit(call.origin, "charge.updated", charge, previous_attributes=previous)
    return charge
