"""Which settings a schedule has. What is wrong with them, `reading` says."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from stripeflow.triggers.types.recurring_schedule.choices import (
    BY_ARITHMETIC,
    CRON,
    DAILY,
    DATES,
    DAYS,
    LAST,
    MISSED,
    OVERLAP,
    REPEATS,
    WEEKDAYS,
)
from stripeflow.triggers.types.recurring_schedule.form import (
    DatesField,
    DaysOfMonthField,
    MomentField,
    TimeOfDayField,
    ZoneField,
)
from stripeflow.triggers.types.recurring_schedule.reading import MOST_CATCH_UP
from stripeflow.triggers.types.recurring_schedule.recurrence import MAX_CRON
from stripeflow.triggers.types.recurring_schedule.setting import ScheduleSetting

_MOST_EVERY = 1440
_MOST_HOURS = 168
_MOST_RUNS = 1_000_000
_MOST_DAYS = 400
_TEXT = {"type": "string", "maxLength": 40}


def _choice(*choices: tuple[str, Any]) -> dict[str, Any]:
    return {"enum": [key for key, _label in choices]}


def _number(most: int) -> dict[str, Any]:
    return {"type": "integer", "minimum": 1, "maximum": most}


def _several(item: dict[str, Any], most: int) -> dict[str, Any]:
    return {"type": "array", "items": item, "maxItems": most, "uniqueItems": True}


SETTINGS = (
    ScheduleSetting(
        "repeats",
        label=_("Repeats"),
        schema=_choice(*REPEATS),
        box=forms.ChoiceField,
        required=True,
        options={
            "choices": REPEATS,
            "error_messages": {"required": _("Choose how often the workflow starts.")},
        },
    ),
    ScheduleSetting(
        "every",
        label=_("Every so many"),
        help_text=_("Hours or minutes. They are counted without a look at the clocks of any zone."),
        schema=_number(_MOST_EVERY),
        box=forms.IntegerField,
        shown_for=("repeats", BY_ARITHMETIC),
        options={"min_value": 1, "max_value": _MOST_EVERY},
    ),
    ScheduleSetting(
        "days_of_week",
        label=_("Days of the week"),
        schema=_several(_choice(*DAYS), len(DAYS)),
        box=forms.MultipleChoiceField,
        shown_for=("repeats", (WEEKDAYS,)),
        options={"choices": DAYS, "widget": forms.CheckboxSelectMultiple},
    ),
    ScheduleSetting(
        "days_of_month",
        label=_("Days of the month"),
        help_text=_("Such as 1, 15, last. A month without one of these days leaves it out."),
        schema=_several({"anyOf": [_number(31), {"const": LAST}]}, 32),
        box=DaysOfMonthField,
        shown_for=("repeats", (DATES,)),
    ),
    ScheduleSetting(
        "time_of_day",
        label=_("At"),
        schema=_TEXT,
        box=TimeOfDayField,
        shown_for=("repeats", (DAILY, WEEKDAYS, DATES)),
    ),
    ScheduleSetting(
        "cron",
        label=_("Cron expression"),
        help_text=_("Minute, hour, day of the month, month and day of the week, such as 0 9 * * 1-5."),
        schema={"type": "string", "maxLength": MAX_CRON},
        box=forms.CharField,
        shown_for=("repeats", (CRON,)),
        options={"max_length": MAX_CRON},
    ),
    ScheduleSetting(
        "time_zone",
        label=_("Time zone"),
        help_text=_(
            "Whose clocks count. A time that they leave out comes when they go on; of one that they show "
            "twice, the first counts."
        ),
        schema=_TEXT,
        box=ZoneField,
    ),
    ScheduleSetting(
        "starts",
        label=_("From"),
        help_text=_("Not before this moment. Hours and minutes are counted from it."),
        advanced=True,
        schema=_TEXT,
        box=MomentField,
    ),
    ScheduleSetting(
        "ends",
        label=_("Until"),
        help_text=_("Not after this moment."),
        advanced=True,
        schema=_TEXT,
        box=MomentField,
    ),
    ScheduleSetting(
        "excluded_days",
        label=_("Not on these days"),
        help_text=_("Holidays, one date to a line, such as 2026-12-24."),
        advanced=True,
        schema=_several(_TEXT, _MOST_DAYS),
        box=DatesField,
    ),
    ScheduleSetting(
        "most_runs",
        label=_("At most so many times"),
        help_text=_("After that the schedule has ended. Empty: any number."),
        advanced=True,
        schema=_number(_MOST_RUNS),
        box=forms.IntegerField,
        options={"min_value": 1, "max_value": _MOST_RUNS},
    ),
    ScheduleSetting(
        "missed",
        label=_("If times were missed"),
        help_text=_(
            "After an outage or a deployment. Times that pass while the workflow is paused or inactive are "
            "skipped."
        ),
        advanced=True,
        schema=_choice(*MISSED),
        box=forms.ChoiceField,
        options={"choices": MISSED},
    ),
    ScheduleSetting(
        "missed_up_to",
        label=_("Run at most so many of them"),
        advanced=True,
        schema=_number(MOST_CATCH_UP),
        box=forms.IntegerField,
        shown_for=("missed", ("all",)),
        options={"min_value": 1, "max_value": MOST_CATCH_UP},
    ),
    ScheduleSetting(
        "catch_up_hours",
        label=_("Not if they are older than so many hours"),
        help_text=_("Empty: 24."),
        advanced=True,
        schema=_number(_MOST_HOURS),
        box=forms.IntegerField,
        shown_for=("missed", ("once", "all")),
        options={"min_value": 1, "max_value": _MOST_HOURS},
    ),
    ScheduleSetting(
        "overlap",
        label=_("If a run has not ended yet"),
        advanced=True,
        schema=_choice(*OVERLAP),
        box=forms.ChoiceField,
        options={"choices": OVERLAP},
    ),
)
