"""Whether a definition changes customers, whose data other workflows and people act on."""

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


def writes_to_customers(document: Json) -> bool:
    """Whether any step sends something to customers; one whose action is not installed here may."""
    return any(kinds.of(place.step).writes_to_customers(place.step) for place in steps(document))


def changes_data(document: Json) -> bool:
    """Whether any step changes customers otherwise than by writing to them."""
    found = ((kinds.of(place.step), place.step) for place in steps(document))
    return any(kind.changes_customers(step) and not kind.writes_to_customers(step) for kind, step in found)


def changes_customers(document: Json) -> bool:
    """Whether any step changes customers; one whose action is not installed here may."""
    return any(kinds.of(place.step).changes_customers(place.step) for place in steps(document))
