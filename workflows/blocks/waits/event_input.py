"""The input by which people choose a type of Stripe's events."""

from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.form_fields import RawField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.problems import Problem
from stripeflow.triggers import catalogue
from stripeflow.triggers.types.searchable import SearchableSelect
from stripeflow.triggers.types.stripe_event.labels import event_choices, label_of


@dataclass(frozen=True)
class EventTypeInput(InputField):
    """One type of Stripe's events, listed by the SDK or not."""

    references: bool = False

    kind: ClassVar[str] = "event_type"

    @property
    def choices(self) -> "_Labels":
        """What each type is called, for cards."""
        return _Labels()

    def check_raw(self, raw: Any) -> list[Problem]:
        if isinstance(raw, str) and catalogue.may_be_sent(raw):
            return []
        return [self.problem("event_type", self._message())]

    def clean_value(self, value: Any) -> str:
        if problems := self.check_raw(value):
            raise self.invalid(problems[0].message)
        return str(value)

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "maxLength": 100}

    def form_field(self) -> forms.Field:
        return _EventTypeField(self)

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be an event of Stripe. Choose one from the list."))


class _Labels(dict[str, str]):
    def get(self, key: str, default: Any = None) -> Any:
        return label_of(key) if catalogue.may_be_sent(key) else default


class _EventTypeField(RawField):
    """A list of all types, which a script makes searchable."""

    def __init__(self, declared: EventTypeInput) -> None:
        super().__init__(declared, widget=SearchableSelect())

    def show(self, initial: Any) -> None:
        self.widget.choices = event_choices()

    def to_python(self, value: Any) -> str | None:
        return (value or "").strip() or None
