"""Whether a definition changes customers: other workflows, and people, act on what it writes there."""

from stripeflow.actions import registry
from stripeflow.workflows.definition.walk import Json, steps


def changes_customers(document: Json) -> bool:
    """Whether any step's action changes customers; one that is not installed here may."""
    found = (place.step for place in steps(document) if place.step["type"] == "action")
    return any(registry.changes_customers(step.get("action", "")) for step in found)
