"""What people call the steps of a document. Messages name a step by its title, and never by its key."""

from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.workflows.definition.walk import Json, steps


def step_title(step: Json) -> str:
    """The name of a step; of one without a name, what its action is called."""
    if step.get("name"):
        return step["name"]
    if step["type"] == "branch":
        return _("Branch on conditions")
    action = registry.find(step["action"])
    return str(action.label) if action else key_in_words(step["key"])


def title_in(document: Json, key: str) -> str:
    """The title of the step of this key; "" if the document has none."""
    return next((step_title(place.step) for place in steps(document) if place.step["key"] == key), "")


def key_in_words(key: str) -> str:
    """A key for people: "retrieve_a_charge" is "Retrieve a charge"."""
    words = key.replace("_", " ").strip()
    return words[:1].upper() + words[1:]
