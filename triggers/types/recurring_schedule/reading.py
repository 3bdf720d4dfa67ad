"""From the settings of a schedule to when it comes about, or to what is wrong with them."""

import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.types.base import SettingProblem, Settings
from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.choices import (
    BY_ARITHMETIC,
    CRON,
    DATES,
    DAYS,
    HOURS,
    LAST,
    MINUTES,
    WEEKDAYS,
)
from stripeflow.triggers.types.recurring_schedule.missed import CatchUp, Missed
from stripeflow.triggers.types.recurring_schedule.recurrence import (
    EPOCH,
    AtWallTime,
    Every,
    InvalidCron,
    Recurrence,
    check_cron,
)
from stripeflow.triggers.types.recurring_schedule.spreading import Spread
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable
from stripeflow.triggers.types.recurring_schedule.timing import Overlap, Timing

MOMENT = "%Y-%m-%dT%H:%M"
MOST_CATCH_UP = 100
# Far enough from the first and the last moment that computers know, in every zone.
YEARS = range(1970, 2201)
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])", re.ASCII)
_WEEKDAYS = {key: number for number, (key, _label) in enumerate(DAYS, start=1)}
_DEFAULT_HOURS = 24


def timing_of(settings: Settings, *, now: datetime | None = None) -> Timing | None:
    """When it comes about; None if something is wrong with the settings: see `problems`."""
    return None if any(problems(settings, now=now)) else _timing(settings)


def problems(settings: Settings, *, now: datetime | None = None) -> Iterator[SettingProblem]:
    """Everything that is wrong with the settings. With `now`, also that nothing comes after it."""
    found = list(_problems(settings))
    yield from found
    if found:
        return
    try:
        timetable = _timing(settings).timetable
        is_over = now is not None and timetable.next_after(now) is None
    except (OverflowError, InvalidCron):
        yield _at("repeats", "invalid", _("These settings give no start time. Choose other ones."))
        return
    if is_over:
        yield _at(
            "ends" if settings.get("ends") else "repeats",
            "never",
            _("With these settings nothing starts any more. Choose a later end or other times."),
        )


def zone_of(settings: Settings) -> ZoneInfo:
    """The zone whose clocks count; UTC if none is chosen."""
    return (
        zones.find(settings.get("time_zone") or zones.UTC_NAME)
        or zones.find(zones.UTC_NAME)
        or ZoneInfo("UTC")
    )


def time_of(text: str) -> time | None:
    """ "09:30" as a time."""
    found = _TIME.fullmatch(text)
    return time(int(found[1]), int(found[2])) if found else None


def date_of(text: str) -> date | None:
    """ "2026-12-24" as a date."""
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def moment_of(text: str) -> datetime | None:
    """ "2026-12-24T09:30" as what clocks show; None for a year with which nobody can reckon."""
    try:
        found = datetime.strptime(text, MOMENT)  # noqa: DTZ007  the clocks of the schedule's zone
    except ValueError:
        return None
    return found if found.year in YEARS else None


def moment_refusal(text: str) -> str:
    """What is wrong with a text of which `moment_of` makes nothing, as a sentence."""
    message = _(
        "“%(text)s” is no date with a time from %(first)d to %(last)d. Write it like 2026-12-24T09:30."
    )
    return message % {"text": text, "first": YEARS[0], "last": YEARS[-1]}


def cron_of(settings: Settings) -> str:
    """The cron expression that says the same."""
    if settings["repeats"] == CRON:
        return str(settings["cron"])
    at = time_of(settings["time_of_day"]) or time()
    days = ["L" if day == LAST else str(day) for day in settings.get("days_of_month", ())]
    weekdays = [str(_WEEKDAYS[day]) for day in settings.get("days_of_week", ())]
    day = ",".join(days) if settings["repeats"] == DATES else "*"
    weekday = ",".join(weekdays) if settings["repeats"] == WEEKDAYS else "*"
    return f"{at.minute} {at.hour} {day} * {weekday}"


def _timing(settings: Settings) -> Timing:
    zone = zone_of(settings)
    starts, ends = (_instant(settings.get(name), zone) for name in ("starts", "ends"))
    excluded = frozenset(filter(None, map(date_of, settings.get("excluded_days", ()))))
    catch_up = CatchUp(
        Missed(settings.get("missed") or Missed.ONCE),
        settings.get("missed_up_to") or 1,
        timedelta(hours=settings.get("catch_up_hours") or _DEFAULT_HOURS),
    )
    return Timing(
        Timetable(_recurrence(settings, zone, starts), zone, starts, ends, excluded),
        catch_up,
        Overlap(settings.get("overlap") or Overlap.SKIP),
        settings.get("most_runs"),
        Spread(timedelta(minutes=settings.get("spread_minutes") or 0)),
    )


def _recurrence(settings: Settings, zone: ZoneInfo, starts: datetime | None) -> Recurrence:
    if settings["repeats"] not in BY_ARITHMETIC:
        return AtWallTime(cron_of(settings), zone)
    unit = timedelta(hours=1) if settings["repeats"] == HOURS else timedelta(minutes=1)
    return Every(settings["every"] * unit, starts or EPOCH)


def _instant(text: str | None, zone: ZoneInfo) -> datetime | None:
    wall = moment_of(text) if text else None
    return zones.first_instant(wall, zone) if wall else None


def _problems(settings: Settings) -> Iterator[SettingProblem]:
    repeats = settings.get("repeats")
    if not repeats:
        yield _at("repeats", "missing", _("Choose how often the workflow starts."))
        return
    if repeats in BY_ARITHMETIC and not settings.get("every"):
        unit = _("minutes") if repeats == MINUTES else _("hours")
        yield _at("every", "missing", _("Say after how many %s the workflow starts again.") % unit)
    if repeats == CRON:
        yield from _cron_problems(settings.get("cron") or "")
    elif repeats not in BY_ARITHMETIC:
        yield from _time_problems(settings.get("time_of_day") or "")
    if repeats == WEEKDAYS and not settings.get("days_of_week"):
        yield _at("days_of_week", "missing", _("Choose at least one day of the week."))
    if repeats == DATES and not settings.get("days_of_month"):
        yield _at("days_of_month", "missing", _("Name at least one day of the month."))
    yield from _limits(settings)
    yield from _rules(settings)


def _cron_problems(cron: str) -> Iterator[SettingProblem]:
    try:
        check_cron(cron)
    except InvalidCron:
        message = _(
            "“%s” is not a cron expression that gives a time. Write five fields: minute, hour, day of the "
            "month, month and day of the week, such as 0 9 * * 1-5."
        )
        yield _at("cron", "invalid", message % cron)


def _time_problems(text: str) -> Iterator[SettingProblem]:
    if not text:
        yield _at("time_of_day", "missing", _("Say at what time of the day the workflow starts."))
    elif time_of(text) is None:
        yield _at("time_of_day", "invalid", _("“%s” is no time of day. Write it like 09:30.") % text)


def _limits(settings: Settings) -> Iterator[SettingProblem]:
    zone = settings.get("time_zone") or zones.UTC_NAME
    if zones.find(zone) is None:
        yield _at("time_zone", "invalid", _("There is no time zone “%s”. Choose one from the list.") % zone)
    moments = {name: settings.get(name) for name in ("starts", "ends")}
    for name, text in moments.items():
        if text and moment_of(text) is None:
            yield _at(name, "invalid", moment_refusal(text))
    first, last = (moment_of(text) if text else None for text in moments.values())
    if first and last and last < first:
        yield _at("ends", "invalid", _("The end is before the start. Choose a later end."))
    for text in settings.get("excluded_days", ()):
        if date_of(text) is None:
            yield _at("excluded_days", "invalid", _("“%s” is no date. Write it like 2026-12-24.") % text)


def _rules(settings: Settings) -> Iterator[SettingProblem]:
    if settings.get("missed") != Missed.ALL:
        return
    if not settings.get("missed_up_to"):
        yield _at("missed_up_to", "missing", _("Say how many missed times are run at most."))
    if settings.get("overlap") != Overlap.ALLOW:
        message = _(
            "Several missed times start together. Choose “Start anyway, at the same time” for a run that "
            "has not ended, or run only once for missed times."
        )
        yield _at("overlap", "invalid", message)


def _at(name: str, code: str, message: str) -> SettingProblem:
    return SettingProblem(name, code, message)


def upcoming(settings: Settings, *, count: int = 5, now: datetime | None = None) -> list[datetime]:
    """The next few times; none if something is wrong with the settings."""
    timing = timing_of(settings)
    return timing.timetable.upcoming(now or timezone.now(), count=count) if timing else []


def in_seconds(instant: datetime | None) -> int | None:
    """The instant as Stripe writes it."""
    return None if instant is None else int(instant.astimezone(UTC).timestamp())
