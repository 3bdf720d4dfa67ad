"""Thin events of the API v2, and the objects that they are about, by their ids."""

from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object


@operation("GET", "/v2/core/events/<id>")
def retrieve(call: Call) -> Object:
    """The event itself, with what the delivery leaves out."""
    return call.get("v2.core.event")


@operation("GET", "/v1/billing/meters/<id>")
def meter(call: Call) -> Object:
    """A meter, as it is now."""
    return call.get("billing.meter")


@operation("GET", "/v2/core/accounts/<id>")
def account(call: Call) -> Object:
    """An account of the API v2, as it is now."""
    return call.get("v2.core.account")
