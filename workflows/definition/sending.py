"""Whether a definition sends values of events somewhere else: publishing it is as good as reading them."""

from stripeflow.actions import registry
from stripeflow.workflows.definition.walk import Json, steps


def sends_values(document: Json) -> bool:
    """Whether any step's action sends on what a reference gives; one that is not installed counts as such."""
    return any(_sends(place.step) for place in steps(document) if place.step["type"] == "action")


def _sends(step: Json) -> bool:
    action = registry.find(step["action"])
    return action is None or any("{{" in text for text in action.sent_texts(step["inputs"]))
