"""An event that somebody wrote by hand, completed so that the workflow could start on it."""

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue, payloads
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.rehearsal.drafts import NotRehearsable
from stripeflow.workflows.rehearsal.samples import sample_event

_ENVELOPE = "event"
# Where an event names its account.
_ACCOUNTS = ("account", "user_id", "context")


class NoEvent(NotRehearsable):
    """The payload is no event at all. `path` is the JSON pointer to the fault."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class OtherEvent(Exception):
    """An event of another type, or about another kind of object. The message is a sentence."""


def completed(payload: Json, trigger: TriggerPlan, side: Json | None = None) -> Json:
    """`payload` as a whole event that may start it. Raises `OtherEvent`, `NoEvent`.

    An event may leave out what does not matter: that is taken from a made-up one, and its mode and account
    from `side`. A bare object is put into such an event.
    """
    event = payload if _is_event(payload) else {"data": {"object": payload}}
    event_type = _type_of(event, trigger)
    held = event["data"].get("object") if isinstance(event.get("data"), dict) else None
    if not isinstance(held, dict) or not held:
        raise NoEvent(_("An event holds its object in “data.object”. Put it there."), "/data/object")
    named = _checked_object(held, _object_of(trigger, event_type))
    data = {**event["data"], "object": {**named, **held}}
    base = {**sample_event(trigger, event_type), **(side or {})}
    if not event.keys().isdisjoint(_ACCOUNTS):
        base.pop("account", None)
    return payloads.completed({**base, **event, "data": data})


def _is_event(payload: Json) -> bool:
    """Whether it looks like an event, and not like the object of one."""
    said = payload.get("object")
    return said == _ENVELOPE or (said is None and not payload.keys().isdisjoint(("data", "type")))


def _type_of(event: Json, trigger: TriggerPlan) -> str:
    """Its own type, or the first type that is about such an object."""
    said = event.get("type")
    if "type" not in event:
        data = event.get("data")
        held = data.get("object") if isinstance(data, dict) else None
        kind = held.get("object") if isinstance(held, dict) else None
        about = (one for one in trigger.topics if _object_of(trigger, one, guessed=True) == kind)
        return next(about, trigger.topics[0])
    if said not in trigger.topics:
        values = {"type": str(said)[:100], "wanted": "”, “".join(trigger.topics)}
        message = _("This is an event of the type “%(type)s”. The workflow starts on “%(wanted)s”.") % values
        raise OtherEvent(message)
    return str(said)


def _object_of(trigger: TriggerPlan, topic: str, *, guessed: bool = False) -> str | None:
    return trigger.kind.object_of(topic, guessed=guessed) if trigger.kind else None


def _checked_object(held: Json, wanted: str | None) -> Json:
    """What completes the object: the name of its kind, where that is left out."""
    said = held.get("object", wanted)
    if wanted is None or said == wanted:
        return {"object": wanted} if wanted else {}
    known = said if isinstance(said, str) and said in catalogue.object_names() else None
    values = {
        "object": catalogue.object_label(known) if known else str(said)[:100],
        "wanted": catalogue.object_label(wanted),
    }
    message = _("This is about the object “%(object)s”. The workflow starts on one of the kind “%(wanted)s”.")
    raise OtherEvent(message % values)
