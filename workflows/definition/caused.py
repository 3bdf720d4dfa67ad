"""Whether a workflow starts on events that calls of workflows have caused. Pure.

The trigger has the choice (`caused_events`). By default such events start only workflows that move no money
and destroy nothing. Otherwise somebody who publishes a workflow that changes metadata could set off another
one that reads it and refunds.
"""

from django.utils.translation import gettext as _

from stripeflow.workflows.definition.choices import CausedEvents
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.undecided import moves_or_destroys


def takes_caused_events(document: Json) -> bool:
    """Whether events that calls of workflows have caused start it."""
    if TriggerPlan.of(document["trigger"]).expects_caused:
        return True
    if own := document["trigger"].get("caused_events"):
        return bool(own == CausedEvents.START)
    return not moves_or_destroys(document["steps"])


def is_open_to_others(document: Json) -> bool:
    """Whether its author has chosen to let such events start it, although it moves money or destroys."""
    chosen = document["trigger"].get("caused_events") == CausedEvents.START
    return chosen and moves_or_destroys(document["steps"])


def caused_words(document: Json) -> str:
    """What the trigger says of such events."""
    if own := document["trigger"].get("caused_events"):
        return str(CausedEvents(own).label)
    return default_words()


def default_words() -> str:
    """The default, for a trigger without a choice."""
    return _("They start it, unless it moves money or destroys something")
