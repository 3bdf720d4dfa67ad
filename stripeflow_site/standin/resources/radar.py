"""Early fraud warnings; card issuers make them, here a control call does."""

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin import payloads
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object
from stripeflow_site.standin.world import Origin, World

KIND = "radar.early_fraud_warning"


def warn(
    world: World,
    origin: Origin,
    *,
    charge: str,
    fraud_type: str,
    actionable: bool = True,
    deliver: bool = True,
) -> tuple[Object, Object]:
    """Make a warning of a charge; returns it and its event. Raises ApiFailure for an unknown charge."""
    charged = world.store.get(origin.scope, "charge", charge, param="charge")
    warning = payloads.early_fraud_warning(
        charge=charge,
        payment_intent=charged["payment_intent"],
        fraud_type=fraud_type,
        actionable=actionable,
        created=world.clock.seconds(),
        livemode=origin.scope.livemode,
    )
    world.store.add(origin.scope, warning)
    event = world.emit(origin, f"{KIND}.created", warning, deliver=deliver)
    return warning, event


def settle(world: World, origin: Origin, charge: str) -> None:
    """A charge was refunded in full: its warnings are no longer actionable."""
    for warning in world.store.newest(origin.scope, KIND, where=lambda item: item["charge"] == charge):
        if warning["actionable"]:
            warning["actionable"] = False
            world.emit(origin, f"{KIND}.updated", warning, previous_attributes={"actionable": True})


@operation("GET", "/v1/radar/early_fraud_warnings/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve a warning."""
    return call.get(KIND, param="early_fraud_warning")


@operation(
    "GET", "/v1/radar/early_fraud_warnings", PAGING | {"charge": kinds.given, "payment_intent": kinds.given}
)
def list_(call: Call) -> Object:
    """List warnings."""
    charge, intent = call.params.get("charge"), call.params.get("payment_intent")
    return page(
        call,
        KIND,
        where=lambda item: charge in (None, item["charge"]) and intent in (None, item["payment_intent"]),
    )
