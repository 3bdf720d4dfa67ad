"""The two forms of filling a period: between which dates, and which of the times that were shown."""

from datetime import UTC, datetime
from typing import Any, cast
from zoneinfo import ZoneInfo

from django import forms
from django.http import QueryDict
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.triggers.types.recurring_schedule.zones import first_instant
from stripeflow.workflows.admin.runs.replay_form import NOTE_LENGTH, MomentInput
from stripeflow.workflows.operations.filling import MAX_TIMES


class PeriodForm(forms.Form):
    """Two moments by the clocks of the schedule's zone."""

    since = forms.CharField(label=gettext_lazy("From"), widget=MomentInput)
    until = forms.CharField(label=gettext_lazy("Before"), widget=MomentInput)

    def __init__(self, zone: ZoneInfo, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.zone = zone
        for name in ("since", "until"):
            self.fields[name].help_text = _("Time zone: %s.") % zone.key

    def clean_since(self) -> datetime:
        return self._instant("since")

    def clean_until(self) -> datetime:
        return self._instant("until")

    def _instant(self, name: str) -> datetime:
        try:
            wall = parse_datetime(self.cleaned_data[name])
        except ValueError:
            wall = None
        if wall is None or wall.tzinfo is not None:
            raise forms.ValidationError(_("Write a date and a time, as 2026-12-24T09:30."))
        try:
            return first_instant(wall, self.zone)
        except OverflowError as error:
            raise forms.ValidationError(_("Write a date and a time, as 2026-12-24T09:30.")) from error


class FillForm(forms.Form):
    """What the preview showed, as it is posted back: the ticked times, on this version."""

    version = forms.IntegerField(min_value=1, max_value=2**31 - 1)
    confirm = forms.IntegerField(required=False, min_value=1, max_value=MAX_TIMES)
    note = forms.CharField(required=False, max_length=NOTE_LENGTH)

    def times(self, name: str) -> list[datetime]:
        """The ticked ones. Raises `ValueError` for what is none."""
        given = cast(QueryDict, self.data).getlist(name)
        if len(given) > MAX_TIMES:
            raise ValueError(name)
        return [datetime.fromtimestamp(int(one), UTC) for one in given]
