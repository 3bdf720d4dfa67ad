"""Events, listed for 30 days."""

from fnmatch import fnmatchcase

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin.errors import invalid
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object

KEPT_SECONDS = 30 * 24 * 3600
MOST_TYPES = 20
LIST: kinds.Spec = PAGING | {
    "type": kinds.given,
    "types": kinds.strings,
    "delivery_success": kinds.boolean,
}


@operation("GET", "/v1/events/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve an event."""
    return call.get("event")


@operation("GET", "/v1/events", LIST)
def list_(call: Call) -> Object:
    """List events by type (`payment_intent.*` too), types, time and delivery."""
    types = _types(call)
    oldest = call.world.clock.now() - KEPT_SECONDS
    delivered = call.params.get("delivery_success")

    def fits(event: Object) -> bool:
        return (
            event["created"] >= oldest
            and (not types or any(fnmatchcase(event["type"], wanted) for wanted in types))
            and (delivered is None or delivered == _delivered(call, event))
        )

    return page(call, "event", where=fits)


def _types(call: Call) -> list[str]:
    one, several = call.params.get("type"), call.params.get("types", [])
    if one and several:
        raise invalid("You may only specify one of these parameters: type, types.", "types")
    if len(several) > MOST_TYPES:
        raise invalid(f"You may specify at most {MOST_TYPES} types.", "types")
    return [one] if one else several


def _delivered(call: Call, event: Object) -> bool:
    """False as long as a delivery of it has failed or waits, as Stripe's filter has it."""
    deliveries = call.world.deliveries.of_event(event["id"])
    return all(delivery.status == "delivered" for delivery in deliveries)
