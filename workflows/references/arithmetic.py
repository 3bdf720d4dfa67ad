"""Filters that calculate: with amounts in minor units, and with days. Each fault is a sentence."""

import re
from datetime import UTC, date, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.actions.money import MAX_MINOR
from stripeflow.actions.wording import worded
from stripeflow.workflows.references.currencies import currency_beside
from stripeflow.workflows.references.filter_functions import (
    Given,
    moment_of,
    timezone_fault,
    whole_number,
    zone_of,
)
from stripeflow.workflows.references.paths import Path

MAX_DAYS = 36_500
_PERCENTAGE = re.compile(r"-?[0-9]{1,6}(\.[0-9]{1,6})?", re.ASCII)


def plus(given: Given, number: int) -> int:
    return _sum(given, number)


def minus(given: Given, number: int) -> int:
    return _sum(given, -number)


def percent(given: Given, percentage: str | int) -> int:
    """A part of an amount, rounded half away from zero to a whole minor unit."""
    if fault := percentage_fault(percentage):
        raise ValueError(fault)
    part = Decimal(whole_number(given.value)) * Decimal(percentage) / 100
    return _bounded(int(part.quantize(Decimal(1), ROUND_HALF_UP)))


def add_days(given: Given, days: int, timezone: str = "UTC") -> int:
    """The same time of day in the zone, so many days later, in Unix seconds."""
    if fault := days_fault(days) or timezone_fault(timezone):
        raise ValueError(fault)
    try:
        return int((moment_of(given.value, zone_of(timezone)) + timedelta(days=days)).timestamp())
    except OverflowError as error:
        raise ValueError(worded(_("The time is out of range."))) from error


def days_words(days: object) -> str:
    """What `add_days` does: "3 days later"; for a number below zero "{days} days earlier" with its amount."""
    if not isinstance(days, int):
        return _("{days} days later")
    several = ngettext("%d day earlier", "%d days earlier", -days)
    return several % -days if days < 0 else ngettext("%d day later", "%d days later", days) % days


def days_until(given: Given, other: str | int, timezone: str = "UTC") -> int:
    """How many dates lie between two times, as a calendar in the zone counts them."""
    start, end = _dates(given, other, timezone)
    return (end - start).days


def months_until(given: Given, other: str | int, timezone: str = "UTC") -> int:
    """How many whole months lie between two times, as a calendar in the zone counts them."""
    start, end = _dates(given, other, timezone)
    return _months(start, end) if start <= end else -_months(end, start)


def percentage_fault(given: str | int) -> str:
    is_number = isinstance(given, int | str) and not isinstance(given, bool)
    if is_number and _PERCENTAGE.fullmatch(str(given)):
        return ""
    message = _('“{given}” is not a percentage. Write one such as 10 or "2.9".')
    return worded(message, given=str(given)[:20])


def days_fault(days: int) -> str:
    if abs(days) <= MAX_DAYS:
        return ""
    return worded(_("The number of days is from -{limit} to {limit}."), names={"limit": MAX_DAYS})


def time_fault(given: str | int) -> str:
    try:
        moment_of(given, UTC)
    except ValueError as error:
        return str(error)
    return ""


def _sum(given: Given, number: int) -> int:
    _require_same_currency(given)
    return _bounded(whole_number(given.value) + number)


def _require_same_currency(given: Given) -> None:
    """An amount in another currency cannot be added, nor taken away."""
    (path,) = given.argument_paths[:1] or (None,)
    mine, other = _currency(given.path, given), _currency(path, given)
    if mine and other and mine != other:
        message = _("One amount is in {mine} and the other in {other}.")
        raise ValueError(worded(message, mine=mine.upper(), other=other.upper()))


def _currency(path: Path | None, given: Given) -> str:
    """In small letters; "" for a number whose currency is nowhere to be found."""
    try:
        return currency_beside(path, given.scope).lower() if path is not None else ""
    except ValueError:
        return ""


def _bounded(amount: int) -> int:
    if abs(amount) > MAX_MINOR:
        raise ValueError(worded(_("The amount is too large.")))
    return amount


def _dates(given: Given, other: str | int, timezone: str) -> tuple[date, date]:
    if fault := timezone_fault(timezone):
        raise ValueError(fault)
    zone = zone_of(timezone)
    return moment_of(given.value, zone).date(), moment_of(other, zone).date()


def _months(start: date, end: date) -> int:
    return (end.year - start.year) * 12 + end.month - start.month - (end.day < start.day)
