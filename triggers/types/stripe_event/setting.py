"""The event types of a trigger: a document names one as a text, and several as a list."""

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Any

from django import forms

from stripeflow.triggers.types.base import Fault

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MAX_EVENT_TYPE = 100
MAX_EVENT_TYPES = 20

# One is written as a text; "" is none yet.
_ONE = {"type": "string", "maxLength": MAX_EVENT_TYPE}
_SEVERAL = {
    "type": "array",
    "minItems": 1,
    "maxItems": MAX_EVENT_TYPES,
    "uniqueItems": True,
    "items": {**_ONE, "minLength": 1},
}


def event_types_of(given: str | Sequence[str]) -> tuple[str, ...]:
    """All of them; none as long as nobody has chosen one."""
    if isinstance(given, str):
        return (given,) if given else ()
    return tuple(given)


def written(event_types: Sequence[str]) -> str | list[str]:
    """The same as it stands in a document; one is a text, as it has always been."""
    if len(event_types) > 1:
        return list(event_types)
    return event_types[0] if event_types else ""


@dataclass(frozen=True)
class EventTypes:
    """The setting that holds them."""

    name: str
    _: KW_ONLY
    label: "StrOrPromise"
    help_text: "StrOrPromise" = ""
    default: Any = ""
    required: bool = True
    secret: bool = False

    def is_empty(self, value: Any) -> bool:  # noqa: ANN401  any JSON value
        """Whether nobody has chosen yet."""
        return not value

    def check(self, raw: Any) -> Iterable[Fault]:  # noqa: ANN401
        """Say nothing: `StripeEvent.check` does, which may warn."""
        return ()

    def json_schema(self) -> dict[str, Any]:
        """Return the schema of one event type, or of a list."""
        return {"anyOf": [_ONE, _SEVERAL]}

    def form_field(self) -> forms.Field:
        """Return a searchable list for each event type."""
        from stripeflow.triggers.types.stripe_event.form import EventsField

        return EventsField(label=self.label, help_text=self.help_text)
