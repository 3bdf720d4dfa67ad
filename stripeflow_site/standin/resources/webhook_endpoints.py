"""Webhook endpoints as objects: kept and shown; deliveries go to the address that the stand-in was given."""

from typing import Any

from stripeflow_site.standin import params as kinds
from stripeflow_site.standin import payloads
from stripeflow_site.standin.errors import no_such
from stripeflow_site.standin.identifiers import new_id
from stripeflow_site.standin.listing import PAGING, page
from stripeflow_site.standin.operations import Call, operation
from stripeflow_site.standin.store import Object

UPDATE: kinds.Spec = {
    "description": kinds.text,
    "disabled": kinds.boolean,
    "enabled_events": kinds.strings,
    "metadata": kinds.metadata,
    "url": kinds.given,
}
CREATE: kinds.Spec = UPDATE | {"api_version": kinds.given, "connect": kinds.boolean}


@operation("POST", "/v1/webhook_endpoints", CREATE, required=("url", "enabled_events"))
def create(call: Call) -> Object:
    """Create an endpoint; only this reply carries its secret."""
    endpoint = payloads.webhook_endpoint(
        url=call.params["url"],
        enabled_events=call.params["enabled_events"],
        created=call.world.clock.seconds(),
        livemode=call.scope.livemode,
        metadata=kinds.merged({}, call.params.get("metadata", {})),
        description=call.params.get("description"),
        api_version=call.params.get("api_version"),
    )
    call.world.store.add(call.scope, endpoint)
    call.world.effect(call.origin, "webhook_endpoint.created", endpoint)
    return endpoint | {"secret": new_id("whsec")}


@operation("GET", "/v1/webhook_endpoints/<id>")
def retrieve(call: Call) -> Object:
    """Retrieve an endpoint."""
    return _present(call)


@operation("POST", "/v1/webhook_endpoints/<id>", UPDATE)
def update(call: Call) -> Object:
    """Update an endpoint."""
    endpoint = _present(call)
    new: dict[str, Any] = {
        name: call.params[name] for name in ("description", "enabled_events", "url") if name in call.params
    }
    if "metadata" in call.params:
        new["metadata"] = kinds.merged(endpoint["metadata"], call.params["metadata"])
    if "disabled" in call.params:
        new["status"] = "disabled" if call.params["disabled"] else "enabled"
    endpoint.update(new)
    call.world.effect(call.origin, "webhook_endpoint.updated", endpoint)
    return endpoint


@operation("DELETE", "/v1/webhook_endpoints/<id>")
def delete(call: Call) -> Object:
    """Delete an endpoint."""
    endpoint = _present(call)
    endpoint["deleted"] = True
    call.world.effect(call.origin, "webhook_endpoint.deleted", endpoint)
    return {"id": endpoint["id"], "object": "webhook_endpoint", "deleted": True}


@operation("GET", "/v1/webhook_endpoints", PAGING)
def list_(call: Call) -> Object:
    """List endpoints."""
    return page(call, "webhook_endpoint", where=lambda item: not item.get("deleted"))


def _present(call: Call) -> Object:
    endpoint = call.get("webhook_endpoint", param="webhook_endpoint")
    if endpoint.get("deleted"):
        raise no_such("webhook_endpoint", endpoint["id"], param="webhook_endpoint")
    return endpoint
