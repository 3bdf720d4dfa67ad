"""Whether a definition sends values of events elsewhere: then publishing it equals reading them."""

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


def sends_values(document: Json) -> bool:
    """Whether any step sends on what a reference gives; one whose action is not installed counts as such."""
    return any(kinds.of(place.step).sends_values(place.step) for place in steps(document))
