"""The events that end a run, whichever step it is at: a setting of the trigger. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.same_object import SAME_OBJECTS, heading
from stripeflow.workflows.definition.typing import Known

MOST = 5
FIELD = "cancel_when"


@dataclass(frozen=True)
class CancelEvent:
    """One event that ends a run; with `same_as`, only one of the same object as the trigger's."""

    number: int
    event_type: str
    same_as: str = ""

    @property
    def lane(self) -> str:
        """What rows call it."""
        return f"cancel_{self.number}"

    @property
    def heading(self) -> str:
        """ "Invoice paid, same customer"."""
        return heading(self.event_type, self.same_as)


def cancel_events(trigger: Json) -> tuple[CancelEvent, ...]:
    """Those of a document's trigger."""
    given = trigger.get(FIELD, ())
    return tuple(
        CancelEvent(number, one["event"], one.get("same_as", "")) for number, one in enumerate(given, 1)
    )


def cancel_problems(trigger: Json, known: Known) -> Iterator[Problem]:
    """What is wrong with each of them."""
    for one in cancel_events(trigger):
        path = f"/trigger/{FIELD}/{one.number - 1}"
        if not catalogue.may_be_sent(one.event_type):
            message = _("“%s” cannot be an event type of Stripe. Choose one from the list.") % one.event_type
            yield Problem(f"{path}/event", "event_type", message, field=FIELD)
            continue
        yield from _object_problems(one, path, known)


def _object_problems(one: CancelEvent, path: str, known: Known) -> Iterator[Problem]:
    same = SAME_OBJECTS.get(one.same_as)
    if same is None:
        message = _(
            "“%s” of any customer ends every run of this workflow. Choose the object that has to be the same."
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
