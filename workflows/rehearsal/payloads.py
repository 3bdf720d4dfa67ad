"""An event that somebody wrote by hand: completed where the workflow could start on it."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue, envelope
from stripeflow.workflows.definition.event_types import EventTypes, event_types_of
from stripeflow.workflows.definition.walk import Json
from stripeflow.workflows.rehearsal.drafts import NotRehearsable
from stripeflow.workflows.rehearsal.samples import sample_event

_ENVELOPE = "event"
# Where an event names its account.
_ACCOUNTS = ("account", "user_id", "context")


class NoEvent(NotRehearsable):
    """It is no event at all. `path` is the JSON pointer to what is wrong."""

    def __init__(self, message: str, path: str = "") -> None:
        super().__init__(message)
        self.path = path


class OtherEvent(Exception):
    """An event of another type, or about another kind of object. The message is a sentence."""


def completed(payload: Json, event_types: EventTypes, side: Json | None = None) -> Json:
    """`payload` as a whole event of one of these types. Raises `OtherEvent`, `NoEvent`.

    An event may leave out what does not matter: that is taken from a made-up one, and its mode and account
    from `side`. A bare object is put into such an event.
    """
    event = payload if _is_event(payload) else {"data": {"object": payload}}
    event_type = _type_of(event, event_types_of(event_types))
    held = event["data"].get("object") if isinstance(event.get("data"), dict) else None
    if not isinstance(held, dict) or not held:
        raise NoEvent(_("An event holds its object in “data.object”. Put it there."), "/data/object")
    named = _checked_object(held, event_type)
    data = {**event["data"], "object": {**named, **held}}
    base = {**sample_event(event_type), **(side or {})}
    if not event.keys().isdisjoint(_ACCOUNTS):
        base.pop("account", None)
    return envelope.completed({**base, **event, "data": data})


def _is_event(payload: Json) -> bool:
    """Whether it is an event, or wants to be one, rather than the object of one."""
    said = payload.get("object")
    return said == _ENVELOPE or (said is None and not payload.keys().isdisjoint(("data", "type")))


def _type_of(event: Json, event_types: Sequence[str]) -> str:
    """The type that it says, or the first one that is about such an object."""
    said = event.get("type")
    if "type" not in event:
        data = event.get("data")
        held = data.get("object") if isinstance(data, dict) else None
        kind = held.get("object") if isinstance(held, dict) else None
        about = (one for one in event_types if catalogue.any_event_type(one).object == kind)
        return next(about, event_types[0])
    if said not in event_types:
        values = {"type": str(said)[:100], "wanted": "”, “".join(event_types)}
        message = _("This is an event of the type “%(type)s”. The workflow starts on “%(wanted)s”.") % values
        raise OtherEvent(message)
    return str(said)


def _checked_object(held: Json, event_type: str) -> Json:
    """What completes the object: the name of its kind, where that is left out."""
    try:
        wanted = catalogue.event_type(event_type).object
    except catalogue.UnknownEventType:
        wanted = None
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
