"""Inputs that are about time: a date, a time zone, and some of a list, such as days of the week."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, ClassVar
from zoneinfo import ZoneInfo, available_timezones

from django import forms
from django.utils.timezone import make_aware
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.form_fields import ChoiceField, SeveralField, TextField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.plain import EMPTY_SCHEMA
from stripeflow.actions.inputs.references import is_single_reference
from stripeflow.actions.naming import with_close
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import Text

# Unix seconds of the first and of the last year that Python's dates have, with room for any zone.
_FIRST, _LAST = -62_135_000_000, 253_402_000_000


@dataclass(frozen=True)
class DateInput(InputField):
    """A date in ISO format, with or without a time and a zone, or exactly one reference to a date.

    A rendered value is such a text, or Unix seconds, as Stripe's objects have them.
    """

    kind: ClassVar[str] = "date"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"text", "whole number"})

    def check_raw(self, raw: Any) -> list[Problem]:
        if self.references and is_single_reference(raw):
            return []
        fault = self.fault(raw) if isinstance(raw, str) else self._message()
        return [self.problem("invalid", fault)] if fault else []

    def clean_value(self, value: Any) -> int | str:
        if fault := self.fault(value):
            raise self.invalid(fault)
        return value.strip() if isinstance(value, str) else value

    def fault(self, value: Any) -> str:
        """Return what is wrong with a date, as a sentence, or ""."""
        if isinstance(value, int) and not isinstance(value, bool):
            return "" if _FIRST < value < _LAST else self._message()
        try:
            datetime.fromisoformat(value.strip())
        except (AttributeError, ValueError):
            return self._message()
        return ""

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def form_field(self) -> forms.Field:
        return TextField(self, strip=True)

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be a date, such as 2026-12-24 or 2026-12-24 09:00."))


@dataclass(frozen=True)
class MomentInput(DateInput):
    """A moment as Stripe takes it: a date as of `DateInput`, which `run` gets as Unix seconds.

    A date without a zone is in the site's. One of `words` ("now") may stand for it.
    """

    words: tuple[str, ...] = ()

    kind: ClassVar[str] = "moment"

    def clean_value(self, value: Any) -> int | str:
        value = super().clean_value(value)
        if isinstance(value, int) or value in self.words:
            return value
        moment = datetime.fromisoformat(value)
        if moment.tzinfo is None:
            moment = make_aware(moment)
        return int(moment.timestamp())

    def fault(self, value: Any) -> str:
        return "" if isinstance(value, str) and value.strip() in self.words else super().fault(value)


@dataclass(frozen=True)
class TimeZoneInput(InputField):
    """A time zone of the IANA database, such as Europe/Berlin; empty means that of the site."""

    references: bool = False

    kind: ClassVar[str] = "time_zone"

    def check_raw(self, raw: Any) -> list[Problem]:
        if isinstance(raw, str) and raw in available_timezones():
            return []
        message = self.say(_("“%(label)s” must be a time zone, such as Europe/Berlin."))
        return [self.problem("time_zone", with_close(message, raw, zone_names()))]

    def clean_value(self, value: Any) -> str:
        if problems := self.check_raw(value):
            raise self.invalid(problems[0].message)
        ZoneInfo(value)
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def form_field(self) -> forms.Field:
        site: tuple[str, Text] = ("", gettext_lazy("The site’s time zone"))
        return ChoiceField(self, choices=[site, *((name, name) for name in zone_names())])


@dataclass(frozen=True)
class SeveralInput(InputField):
    """Some of `choices`, pairs of value and label, in their order."""

    references: bool = False
    choices: tuple[tuple[str, Text], ...] = ()

    kind: ClassVar[str] = "several"
    empty_value: ClassVar[Any] = []

    def check_raw(self, raw: Any) -> list[Problem]:
        return [] if self._are_choices(raw) else [self.problem("choice", self._message())]

    def clean_value(self, value: Any) -> list[str]:
        if not self._are_choices(value):
            raise self.invalid(self._message())
        return [one for one, _label in self.choices if one in value]

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        yield from ()

    def value_schema(self) -> dict[str, Any]:
        values = [value for value, _label in self.choices]
        return {"anyOf": [{"type": "array", "items": {"enum": values}, "uniqueItems": True}, EMPTY_SCHEMA]}

    def form_field(self) -> forms.Field:
        return SeveralField(self, choices=self.choices)

    def _are_choices(self, value: Any) -> bool:
        known = dict(self.choices)
        return isinstance(value, list) and all(isinstance(one, str) and one in known for one in value)

    def _message(self) -> str:
        return self.say(_("“%(label)s” must be a list of its choices."))


@cache
def zone_names() -> tuple[str, ...]:
    """The zones that people choose from: "Africa/Abidjan", and so on; links of old systems are not there."""
    return tuple(sorted(name for name in available_timezones() if "/" in name or name == "UTC"))
