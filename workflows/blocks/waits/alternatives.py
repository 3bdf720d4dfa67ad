"""The events that a step waits for, out of its inputs: one to five, each with a lane of its own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import lazy
from django.utils.translation import gettext_lazy

from stripeflow.actions.inputs import ChoiceInput, StringInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.workflows.blocks.waits.event_input import EventTypeInput
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.same_object import SAME_OBJECTS, heading

MOST = 5
LANES = ("event", *(f"event_{number}" for number in range(2, MOST + 1)))
_SAME = tuple((key, lazy(lambda one=one: one.label, str)()) for key, one in SAME_OBJECTS.items())


@dataclass(frozen=True)
class Alternative:
    """One event that a step waits for. `lane` is the key of its lane, and the name of its input."""

    lane: str
    event_type: str
    same_as: str = ""
    object_id: Any = ""

    @property
    def heading(self) -> str:
        """ "Invoice paid, same customer"."""
        return heading(self.event_type, self.same_as)


def same_as_of(lane: str) -> str:
    """The name of the input with what has to be the same."""
    return lane.replace("event", "same_as")


def object_of(lane: str) -> str:
    """The name of the input with the id of the object."""
    return lane.replace("event", "object_id")


def alternatives(inputs: Mapping[str, Any]) -> Iterator[Alternative]:
    """Those that are filled in, in their order."""
    for lane in LANES:
        if isinstance(inputs.get(lane), str) and inputs[lane]:
            same_as = inputs.get(same_as_of(lane)) or ""
            yield Alternative(lane, inputs[lane], same_as, inputs.get(object_of(lane)) or "")


def inputs_of(lane: str) -> tuple[InputField, ...]:
    """The inputs of one alternative. All but the first are under “More fields”."""
    number = LANES.index(lane) + 1
    is_first = number == 1
    labels = {
        "event": gettext_lazy("Event") if is_first else _numbered(gettext_lazy("Or event %d"), number),
        "same": gettext_lazy("Same object as the trigger")
        if is_first
        else _numbered(gettext_lazy("Same object, for event %d"), number),
        "id": gettext_lazy("ID of the object")
        if is_first
        else _numbered(gettext_lazy("ID of the object, for event %d"), number),
    }
    return (
        EventTypeInput(
            lane,
            label=labels["event"],
            help_text=gettext_lazy("What has to happen at Stripe.") if is_first else "",
            required=is_first,
            advanced=not is_first,
        ),
        ChoiceInput(
            same_as_of(lane),
            label=labels["same"],
            help_text=gettext_lazy("Only an event of the same customer, invoice and so on counts.")
            if is_first
            else "",
            choices=_SAME,
            empty_label=gettext_lazy("Any object"),
            advanced=not is_first,
        ),
        StringInput(
            object_of(lane),
            label=labels["id"],
            help_text=gettext_lazy(
                "Leave empty to take the trigger's. A reference to an earlier step takes that one's."
            )
            if is_first
            else "",
            max_length=255,
            advanced=not is_first,
        ),
    )


def without(inputs: Json, lane: str) -> Json:
    """The inputs with this alternative only."""
    return {name: value for name, value in inputs.items() if name not in LANES or name == lane}


def _numbered(text: Any, number: int) -> Any:
    """The text with its number, in the language of the moment."""
    return lazy(lambda: str(text) % number, str)()
