"""A schedule in words."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from django.utils import dates, formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.triggers.types.base import Settings
from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.choices import (
    BY_ARITHMETIC,
    DAILY,
    DATES,
    DAYS,
    LAST,
    MINUTES,
    WEEKDAYS,
)

_MINUTE = timedelta(minutes=1)


def sentence(settings: Settings) -> str:
    """ "Every day at 09:00 (Europe/Berlin)"; "" as long as nobody has chosen."""
    if not settings.get("repeats"):
        return ""
    return spread(_recurrence(settings), timedelta(minutes=settings.get("spread_minutes") or 0))


def spread(text: str, longest: timedelta) -> str:
    """The text, and by how many minutes a start may be later, if any: "…, up to 15 minutes later"."""
    minutes = -(-longest // _MINUTE)
    if minutes < 1:
        return text
    later = ngettext(
        "%(text)s, up to %(minutes)d minute later", "%(text)s, up to %(minutes)d minutes later", minutes
    )
    return later % {"text": text, "minutes": minutes}


def _recurrence(settings: Settings) -> str:
    repeats = settings["repeats"]
    if repeats in BY_ARITHMETIC:
        return _every(settings.get("every") or 1, minutes=repeats == MINUTES)
    words = {
        "at": settings.get("time_of_day") or "?",
        "zone": settings.get("time_zone") or zones.UTC_NAME,
        "cron": settings.get("cron") or "?",
    }
    if repeats == DAILY:
        return _("Every day at %(at)s (%(zone)s)") % words
    if repeats == WEEKDAYS:
        chosen = settings.get("days_of_week", ())
        days = listed([str(label) for key, label in DAYS if key in chosen]) or "?"
        return _("Every %(days)s at %(at)s (%(zone)s)") % {**words, "days": days}
    if repeats == DATES:
        days = listed([_day(day) for day in settings.get("days_of_month", ())]) or "?"
        return _("On %(days)s of each month at %(at)s (%(zone)s)") % {**words, "days": days}
    return _("By the cron expression %(cron)s (%(zone)s)") % words


def moment(instant: datetime, zone: ZoneInfo) -> str:
    """ "Monday, 30 November 2026, 09:00 (UTC+01:00)"."""
    wall = zones.wall_at(instant, zone)
    return _("%(weekday)s, %(date)s, %(time)s (UTC%(offset)s)") % {
        "weekday": dates.WEEKDAYS[wall.weekday()],
        "date": formats.date_format(wall, "DATE_FORMAT"),
        "time": f"{wall:%H:%M}",
        "offset": _offset(instant, zone),
    }


def moments(instants: Iterable[datetime], zone: ZoneInfo) -> list[str]:
    """Several of them."""
    return [moment(instant, zone) for instant in instants]


def listed(names: Sequence[str]) -> str:
    """ "A, B and C"."""
    if len(names) < 2:
        return "".join(names)
    return _("%(names)s and %(last)s") % {"names": ", ".join(names[:-1]), "last": names[-1]}


def _every(number: int, *, minutes: bool) -> str:
    if number == 1:
        return _("Every minute") if minutes else _("Every hour")
    return (_("Every %d minutes") if minutes else _("Every %d hours")) % number


def _day(day: int | str) -> str:
    return _("the last day") if day == LAST else _("day %s") % day


def _offset(instant: datetime, zone: ZoneInfo) -> str:
    seconds = int(zones.offset_at(instant, zone).total_seconds())
    sign = "-" if seconds < 0 else "+"
    hours, minutes = divmod(abs(seconds) // 60, 60)
    return f"{sign}{hours:02}:{minutes:02}"
