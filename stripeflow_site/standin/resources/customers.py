"""Customers."""

from typing import Any

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin import payloads
from stripeflow_site.standin.errors import no_such
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object, difference, snapshot
from stripeflow_site.standin.world import Origin, World

UPDATE: kinds.Spec = {
    "address": kinds.mapping,
    "balance": kinds.integer,
    "business_name": kinds.text,
    "cash_balance": kinds.anything,
    "default_source": kinds.given,
    "description": kinds.text,
    "email": kinds.email,
    "individual_name": kinds.text,
    "invoice_prefix": kinds.given,
    "invoice_settings": kinds.mapping,
    "metadata": kinds.metadata,
    "name": kinds.text,
    "next_invoice_sequence": kinds.integer,
    "phone": kinds.text,
    "preferred_locales": kinds.strings,
    "shipping": kinds.mapping,
    "source": kinds.anything,
    "tax": kinds.anything,
    "tax_exempt": kinds.choice("none", "exempt", "reverse"),
    "validate": kinds.anything,
}
CREATE: kinds.Spec = UPDATE | {
    "payment_method": kinds.anything,
    "tax_id_data": kinds.anything,
    "test_clock": kinds.anything,
}
# Taken and checked by name only; they change nothing here.
WITHOUT_EFFECT = frozenset(
    [
        "cash_balance",
        "default_source",
        "source",
        "tax",
        "validate",
        "payment_method",
        "tax_id_data",
        "test_clock",
        "expand",
    ]
)
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")


def create(world: World, origin: Origin, fields: dict[str, Any], *, deliver: bool = True) -> Object:
    """Make a customer, its effect and its event."""
    blank = payloads.customer(
        email=None, name=None, created=world.clock.seconds(), livemode=origin.scope.livemode
    )
    customer = world.store.add(origin.scope, _applied(blank, fields))
    world.effect(origin, "customer.created", customer)
    world.emit(origin, "customer.created", customer, deliver=deliver)
    return customer


def update(world: World, origin: Origin, customer: Object, fields: dict[str, Any]) -> Object:
    """Change a customer; the effect is written each time, the event only if something changed."""
    before = snapshot(customer)
    customer.update(_applied(customer, fields))
    previous = difference(before, customer)
    world.effect(origin, "customer.updated", customer, previous=previous)
    if previous:
        world.emit(origin, "customer.updated", customer, previous_attributes=previous)
    return customer


def _applied(customer: Object, fields: dict[str, Any]) -> Object:
    new = {name: value for name, value in fields.items() if name not in WITHOUT_EFFECT}
    if "metadata" in new:
        new["metadata"] = kinds.merged(customer["metadata"], new["metadata"])
    if new.get("address"):
        new["address"] = dict.fromkeys(ADDRESS) | new["address"]
    if new.get("invoice_settings"):
        new["invoice_settings"] = customer["invoice_settings"] | new["invoice_settings"]
    return customer | new


def _present(call: Call) -> Object:
    customer = call.get("customer")
    if customer.get("deleted"):
        raise no_such("customer", customer["id"])
    return customer


@operation("POST", "/v1/customers", CREATE)
def create_call(call: Call) -> Object:
    """Create a customer."""
    return create(call.world, call.origin, call.params)


@operation("GET", "/v1/customers/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve a customer; a deleted one is a stub."""
    return call.get("customer")


@operation("POST", "/v1/customers/<id>", UPDATE)
def update_call(call: Call) -> Object:
    """Update a customer."""
    return update(call.world, call.origin, _present(call), call.params)


@operation("DELETE", "/v1/customers/<id>")
def delete(call: Call) -> Object:
    """Delete a customer: what remains is `{"deleted": true}`."""
    customer = _present(call)
    stub = {"id": customer["id"], "object": "customer", "deleted": True}
    call.world.store.add(call.scope, stub)
    call.world.effect(call.origin, "customer.deleted", customer)
    call.world.emit(call.origin, "customer.deleted", customer)
    return stub


@operation("GET", "/v1/customers", PAGING | {"email": kinds.given, "test_clock": kinds.given})
def list_(call: Call) -> Object:
    """List customers."""
    email = call.params.get("email")
    return page(
        call,
        "customer",
        where=lambda item: not item.get("deleted") and email in (None, item["email"]),
    )
