"""What people call the steps of a document. Messages name a step by its title, and never by its key."""

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


def step_title(step: Json) -> str:
    """The name of a step; of one without a name, what its kind calls it."""
    name: str = step.get("name") or ""
    return name or kinds.of(step).title(step)


def title_in(document: Json, key: str) -> str:
    """The title of the step of this key; "" if the document has none."""
    return next((step_title(place.step) for place in steps(document) if place.step["key"] == key), "")


def key_in_words(key: str) -> str:
    """A key for people: "retrieve_a_charge" is "Retrieve a charge"."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
