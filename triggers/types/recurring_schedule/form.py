"""The form fields of a schedule. Each cleans to plain JSON, and shows plain JSON."""

import re
from datetime import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.choices import LAST
from stripeflow.triggers.types.recurring_schedule.reading import (
    MOMENT,
    date_of,
    moment_of,
    moment_refusal,
    time_of,
)
from stripeflow.triggers.types.searchable import SearchableSelect

_SEPARATORS = re.compile(r"[\s,;]+")
_DAY_OF_MONTH = re.compile(r"0?[1-9]|[12][0-9]|3[01]", re.ASCII)


class TimeOfDayField(forms.CharField):
    """ "09:00"."""

    widget = forms.TextInput(attrs={"type": "time", "step": "60"})

    def clean(self, value: Any) -> str:  # noqa: ANN401
        text = super().clean(value)
        if text and time_of(text[:5]) is None:
            raise ValidationError(_("“%s” is no time of day. Write it like 09:30.") % text)
        return text[:5]


class MomentField(forms.CharField):
    """ "2026-12-01T09:00": what the clocks of the schedule's zone show."""

    widget = forms.TextInput(attrs={"type": "datetime-local", "step": "60"})

    def clean(self, value: Any) -> str:  # noqa: ANN401
        text = super().clean(value)
        try:
            found = datetime.fromisoformat(text).strftime(MOMENT) if text else ""
        except ValueError:
            raise ValidationError(moment_refusal(text)) from None
        if found and moment_of(found) is None:
            raise ValidationError(moment_refusal(text))
        return found


class ListedField(forms.CharField):
    """Several values in one box, with commas or spaces between."""

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        return ", ".join(map(str, value)) if isinstance(value, list | tuple) else value

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return super().has_changed(self.prepare_value(initial), data)

    def clean(self, value: Any) -> Any:  # noqa: ANN401  JSON
        words = [word for word in _SEPARATORS.split(super().clean(value)) if word]
        return list(dict.fromkeys(map(self.read, words)))

    def read(self, word: str) -> Any:  # noqa: ANN401
        """One of them. Raises ValidationError."""
        raise NotImplementedError


class DaysOfMonthField(ListedField):
    """ "1, 15, last"."""

    def read(self, word: str) -> int | str:
        if word.casefold() in (LAST, _("last").casefold()):
            return LAST
        if _DAY_OF_MONTH.fullmatch(word):
            return int(word)
        raise ValidationError(_("“%s” is no day of the month. Write 1 to 31, or “last”.") % word)


class DatesField(ListedField):
    """Dates, one to a line."""

    widget = forms.Textarea(attrs={"rows": "3", "spellcheck": "false", "autocomplete": "off"})

    def prepare_value(self, value: Any) -> Any:  # noqa: ANN401
        return "\n".join(map(str, value)) if isinstance(value, list | tuple) else value

    def read(self, word: str) -> str:
        if date_of(word) is None:
            raise ValidationError(_("“%s” is no date. Write it like 2026-12-24.") % word)
        return word


class ZoneField(forms.ChoiceField):
    """A time zone of the tz database; a script makes the list searchable."""

    def __init__(self, **options: Any) -> None:  # noqa: ANN401
        choices = [("", zones.UTC_NAME), *((name, name.replace("_", " ")) for name in zones.names())]
        super().__init__(choices=choices, widget=SearchableSelect(choices=choices), **options)
