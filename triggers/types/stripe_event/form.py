"""How people choose Stripe's event types: one searchable list for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers import catalogue
from stripeflow.triggers.types.searchable import SearchableSelect
from stripeflow.triggers.types.stripe_event.labels import Choices, event_choices, label_of
from stripeflow.triggers.types.stripe_event.setting import MAX_EVENT_TYPES, event_types_of, written


class EventsWidget(forms.Widget):
    """One searchable list for each event, and one more for another one. A mark takes an event away."""

    template_name = "stripeflow/triggers/events_widget.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:  # noqa: ANN401
        context = super().get_context(name, value, attrs)
        chosen = list(event_types_of(value or ()))
        choices = [*_unlisted(chosen), *event_choices()]
        labels = dict(_flat(choices))
        first, *others = [
            {"key": key, "label": labels.get(key, key), "html": _select(name, key, number, choices)}
            for number, key in enumerate(chosen or [""])
        ]
        more = _select(name, "", len(chosen), choices) if 0 < len(chosen) < MAX_EVENT_TYPES else ""
        context["widget"] |= {"first": first, "others": others, "more": more, "number": len(chosen)}
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> list[str]:  # noqa: ANN401
        boxes = [name, *(f"{name}-{number}" for number in range(1, MAX_EVENT_TYPES + 1)), f"{name}-typed"]
        given = [data.get(box, "").strip() for box in boxes if not data.get(f"{box}-remove")]
        return [key for key in dict.fromkeys(given) if key]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: Any, name: str) -> bool:  # noqa: ANN401
        return name not in data


class EventsField(forms.Field):
    """One to twenty event types. Its value is as a document has it."""

    widget = EventsWidget
    default_error_messages = {"required": gettext_lazy("Choose the event that starts the workflow.")}
    # Saved already, so that they are kept although Stripe cannot send them.
    saved: tuple[str, ...] = ()

    def show(self, raw: Any) -> None:  # noqa: ANN401  any JSON value
        """Have the saved value at hand."""
        self.saved = event_types_of(raw or ())

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return event_types_of(initial or ()) != event_types_of(data or ())

    def clean(self, value: Any) -> str | list[str]:  # noqa: ANN401
        keys = list(event_types_of(super().clean(value) or ()))
        for key in keys:
            if not catalogue.may_be_sent(key) and key not in self.saved:
                raise ValidationError(_("“%s” cannot be an event of Stripe. Choose one from the list.") % key)
        if len(keys) > MAX_EVENT_TYPES:
            raise ValidationError(_("A workflow starts on at most %d different events.") % MAX_EVENT_TYPES)
        return written(keys)


def _select(name: str, key: str, number: int, choices: Choices) -> str:
    box = f"{name}-{number}" if number else name
    return SearchableSelect({"data-sf-events": ""}, choices).render(box, key, {"id": f"id_{box}"})


def _unlisted(chosen: list[str]) -> Choices:
    """The chosen events that the installed `stripe` does not know any more."""
    return [(key, label_of(key)) for key in chosen if not catalogue.any_event_type(key).listed]


def _flat(choices: Choices) -> Iterator[tuple[str, str]]:
    for value, label in choices:
        yield from label if isinstance(label, list | tuple) else [(value, label)]
