"""What the settings of a schedule are chosen from, with their labels."""

from django.utils.dates import WEEKDAYS as NAMES
from django.utils.translation import gettext_lazy as _

MINUTES, HOURS, DAILY, WEEKDAYS, DATES, CRON = "minutes", "hours", "daily", "weekdays", "dates", "cron"
BY_ARITHMETIC = (MINUTES, HOURS)
LAST = "last"

REPEATS = (
    (DAILY, _("Every day")),
    (WEEKDAYS, _("On days of the week")),
    (DATES, _("On days of the month")),
    (HOURS, _("Every few hours")),
    (MINUTES, _("Every few minutes")),
    (CRON, _("By a cron expression")),
)
# In the order of `datetime.weekday`.
DAYS = tuple(zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), NAMES.values(), strict=True))
MISSED = (
    ("once", _("Run once, for the latest of them")),
    ("skip", _("Skip them")),
    ("all", _("Run the latest ones, up to a number")),
)
OVERLAP = (
    ("skip", _("Skip this time, and record it")),
    ("queue", _("Start when that run has ended")),
    ("allow", _("Start anyway, at the same time")),
)
