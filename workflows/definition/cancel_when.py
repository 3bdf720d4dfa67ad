"""The events that end a run, whichever step it is at: a setting of the trigger. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.same_object import SAME_OBJECTS, heading
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known

MOST = 5
FIELD = "cancel_when"


@dataclass(frozen=True)
class CancelEvent:
    """One event that ends a run; with `same_as`, only one of the same object as the trigger's.

    `conditions` are the group of a document; None if every such event ends it.
    """

    number: int
    event_type: str
    same_as: str = ""
    conditions: Json | None = field(default=None, compare=False)

    @property
    def lane(self) -> str:
        """What rows call it."""
        return f"cancel_{self.number}"

    @property
    def path(self) -> str:
        """Where it stands in the document."""
        return f"/trigger/{FIELD}/{self.number - 1}"

    @property
    def heading(self) -> str:
        """ "Invoice paid, same customer"."""
        return heading(self.event_type, self.same_as)


def cancel_events(trigger: Json) -> tuple[CancelEvent, ...]:
    """Those of a document's trigger."""
    given = trigger.get(FIELD, ())
    return tuple(
        CancelEvent(number, one["event"], one.get("same_as", ""), _asked(one))
        for number, one in enumerate(given, 1)
    )


def is_on_cancel_conditions(path: str) -> bool:
    """Whether a problem at this place is about the conditions on such an event."""
    return path.startswith(f"/trigger/{FIELD}/") and "/conditions" in path


def known_of(one: CancelEvent, trigger: TriggerPlan) -> Known:
    """What the conditions on this event may refer to: the event, and what started the run.

    No step is among it: an event may come whichever step the run is at.
    """
    return Known(trigger, canceled_by=one.event_type)


def cancel_problems(trigger: Json, known: Known) -> Iterator[Problem]:
    """What is wrong with each of them."""
    for one in cancel_events(trigger):
        if not catalogue.may_be_sent(one.event_type):
            message = _("“%s” cannot be an event type of Stripe. Choose one from the list.") % one.event_type
            yield Problem(f"{one.path}/event", "event_type", message, field=FIELD)
            continue
        yield from _object_problems(one, known)


def _asked(given: Json) -> Json | None:
    group: Json | None = given.get("conditions")
    return group if group and group["conditions"] else None


def _object_problems(one: CancelEvent, known: Known) -> Iterator[Problem]:
    path, same = one.path, SAME_OBJECTS.get(one.same_as)
    if same is None:
        if one.conditions is None:
            message = _(
                "“%s” of any customer ends every run of this workflow. Choose the object that has to be the "
                "same, or add conditions."
            )
            message %= one.heading
            yield Problem(f"{path}/same_as", "any_object", message, field=FIELD, severity=Severity.WARNING)
        return
    names = {"object": same.label.lower(), "event": heading(one.event_type, "")}
    if not same.is_known_of(catalogue.any_event_type(one.event_type).object):
        message = _("Events “%(event)s” do not say their %(object)s. Choose another object.") % names
        yield Problem(f"{path}/same_as", "no_same_object", message, field=FIELD)
    elif not same.is_known_of(known.trigger_object):
        message = _("The trigger has no %(object)s, so no event can end its runs by it.") % names
        yield Problem(f"{path}/same_as", "no_same_object", message, field=FIELD)
