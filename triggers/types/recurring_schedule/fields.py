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
_MOST_SPREAD = 180
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
        label=_("Interval"),
        help_text=_("Hours or minutes. Clock changes do not shift them."),
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
        help_text=_("Such as 1, 15, last. A day that a month does not have is skipped."),
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
            "The times above are read in this zone. If its clocks skip a time, the workflow starts right "
            "after the gap. If they show a time twice, it starts the first time only."
        ),
        schema=_TEXT,
        box=ZoneField,
    ),
    ScheduleSetting(
        "starts",
        label=_("From"),
        help_text=_("Nothing starts before this time. Hours and minutes are counted from it."),
        advanced=True,
        schema=_TEXT,
        box=MomentField,
    ),
    ScheduleSetting(
        "ends",
        label=_("Until"),
        help_text=_("Nothing starts after this time."),
        advanced=True,
        schema=_TEXT,
        box=MomentField,
    ),
    ScheduleSetting(
        "excluded_days",
        label=_("Not on these days"),
        help_text=_("Such as holidays. One date per line: 2026-12-24."),
        advanced=True,
        schema=_several(_TEXT, _MOST_DAYS),
        box=DatesField,
    ),
    ScheduleSetting(
        "most_runs",
        label=_("Maximum number of runs"),
        help_text=_("Then the schedule ends. Empty: no limit."),
        advanced=True,
        schema=_number(_MOST_RUNS),
        box=forms.IntegerField,
        options={"min_value": 1, "max_value": _MOST_RUNS},
    ),
    ScheduleSetting(
        "spread_minutes",
        label=_("Spread starts over, in minutes"),
        help_text=_(
            "Each time starts by up to so many minutes later, so that workflows with the same times do not "
            "start together. It never reaches the next time. Empty: no delay."
        ),
        advanced=True,
        schema=_number(_MOST_SPREAD),
        box=forms.IntegerField,
        options={"min_value": 1, "max_value": _MOST_SPREAD},
    ),
    ScheduleSetting(
        "missed",
        label=_("If start times were missed"),
        help_text=_(
            "For example during an outage or a deployment. Times that pass while the workflow is paused or "
            "inactive are always skipped."
        ),
        advanced=True,
        schema=_choice(*MISSED),
        box=forms.ChoiceField,
        options={"choices": MISSED},
    ),
    ScheduleSetting(
        "missed_up_to",
        label=_("Maximum number of missed times to run"),
        advanced=True,
        schema=_number(MOST_CATCH_UP),
        box=forms.IntegerField,
        shown_for=("missed", ("all",)),
        options={"min_value": 1, "max_value": MOST_CATCH_UP},
    ),
    ScheduleSetting(
        "catch_up_hours",
        label=_("Skip missed times that are older, in hours"),
        help_text=_("Empty: 24 hours."),
        advanced=True,
        schema=_number(_MOST_HOURS),
        box=forms.IntegerField,
        shown_for=("missed", ("once", "all")),
        options={"min_value": 1, "max_value": _MOST_HOURS},
    ),
    ScheduleSetting(
        "overlap",
        label=_("If the previous run has not ended"),
        advanced=True,
        schema=_choice(*OVERLAP),
        box=forms.ChoiceField,
        options={"choices": OVERLAP},
    ),
)
