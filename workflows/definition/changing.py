"""Whether a definition changes customers, whose data other workflows and people act on."""

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


def changes_customers(document: Json) -> bool:
    """Whether any step changes customers; one whose action is not installed here may."""
    return any(kinds.of(place.step).changes_customers(place.step) for place in steps(document))
