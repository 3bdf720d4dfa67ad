"""What the filters do. Each takes a `Given` and its arguments; each fault is a ValueError's sentence."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dates, translation
from django.utils.translation import gettext as _

from actions.money import MAX_MINOR, format_minor
from workflows.references.errors import MissingValue, TemplateTooLarge
from workflows.references.paths import Path
from workflows.references.resolving import resolve
from workflows.references.texts import MAX_TEXT, as_text
from workflows.references.texts import as_json as json_text


class _Nothing:
    """There is no value, which is not the same as null."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()

DATE_FORMAT = "%Y-%m-%d %H:%M %Z"
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


@dataclass(frozen=True)
class Given:
    """The value that reaches a filter, and where the reference stands."""

    value: Any
    path: Path
    scope: dict[str, Any]
    locale: str | None


def money(given: Given, currency: str | None = None) -> str:
    code = _currency_beside(given) if currency is None else currency
    if fault := currency_fault(code):
        raise ValueError(fault)
    if abs(given.value) > MAX_MINOR:
        raise ValueError(_("The amount is too large."))
    return format_minor(given.value, code, locale=given.locale)


def _currency_beside(given: Given) -> str:
    try:
        code = resolve((*given.path[:-1], "currency"), given.scope)
    except MissingValue as error:
        message = _("No currency stands beside the amount. Name one, as in money(trigger.currency).")
        raise ValueError(message) from error
    if not isinstance(code, str):
        raise ValueError(_("The currency beside the amount is not a text."))
    return code


def date(given: Given, pattern: str = DATE_FORMAT, timezone: str = "UTC") -> str:
    if fault := format_fault(pattern) or timezone_fault(timezone):
        raise ValueError(fault)
    try:
        moment = datetime.fromtimestamp(given.value, _zone(timezone))
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(_("The time is out of range.")) from error
    with translation.override(given.locale or translation.get_language()):
        return _DIRECTIVE.sub(lambda match: _DIRECTIVES[match[1]](moment), pattern)


def default(given: Given, instead: Any) -> Any:
    return instead if given.value is NOTHING or given.value is None else given.value


def upper(given: Given) -> str:
    return given.value.upper()


def lower(given: Given) -> str:
    return given.value.lower()


def trim(given: Given) -> str:
    return given.value.strip()


def truncate(given: Given, length: int) -> str:
    if fault := length_fault(length):
        raise ValueError(fault)
    return given.value if len(given.value) <= length else given.value[: length - 1] + "…"


def join(given: Given, separator: str = ", ") -> str:
    if any(isinstance(item, dict | list) for item in given.value):
        raise ValueError(_("The list holds objects or lists; only plain values can be joined."))
    items = [as_text(item) for item in given.value]
    # A long separator between many items is measured before it is written.
    if sum(map(len, items)) + len(separator) * len(items) > MAX_TEXT:
        raise TemplateTooLarge(MAX_TEXT)
    return separator.join(items)


def count(given: Given) -> int:
    return len(given.value)


def first(given: Given) -> Any:
    return given.value[0] if given.value else NOTHING


def last(given: Given) -> Any:
    return given.value[-1] if given.value else NOTHING


def as_json(given: Given) -> str:
    return json_text(given.value)


def no_fault(value: Any) -> str:
    return ""


def currency_fault(code: str) -> str:
    if _CURRENCY.fullmatch(code):
        return ""
    return _("“{code}” is not a currency. Its code has three letters, such as usd.").format(code=code[:20])


def length_fault(length: int) -> str:
    if 1 <= length <= MAX_TEXT:
        return ""
    return _("The number of characters is from 1 to {limit}.").format(limit=MAX_TEXT)


def format_fault(pattern: str) -> str:
    unknown = next((found[0] for found in _DIRECTIVE.finditer(pattern) if found[1] not in _DIRECTIVES), "")
    return _("“{directive}” is not known in a date format.").format(directive=unknown) if unknown else ""


def timezone_fault(name: str) -> str:
    try:
        _zone(name)
    except (KeyError, ValueError, OSError):
        return _("“{name}” is not a time zone. Write one such as Europe/Berlin.").format(name=name[:60])
    return ""


def _zone(name: str) -> tzinfo:
    # The one zone that has to be there without a time zone database.
    return UTC if name == "UTC" else ZoneInfo(name)


# Not `strftime`: its widths ("%999999999d") eat the memory, and its names follow the process's locale.
_DIRECTIVES: dict[str, Callable[[datetime], str]] = {
    "%": lambda moment: "%",
    "Y": lambda moment: f"{moment.year:04}",
    "y": lambda moment: f"{moment.year % 100:02}",
    "m": lambda moment: f"{moment.month:02}",
    "d": lambda moment: f"{moment.day:02}",
    "j": lambda moment: f"{moment.timetuple().tm_yday:03}",
    "H": lambda moment: f"{moment.hour:02}",
    "I": lambda moment: f"{(moment.hour - 1) % 12 + 1:02}",
    "M": lambda moment: f"{moment.minute:02}",
    "S": lambda moment: f"{moment.second:02}",
    "p": lambda moment: _("AM") if moment.hour < 12 else _("PM"),
    "A": lambda moment: str(dates.WEEKDAYS[moment.weekday()]),
    "a": lambda moment: str(dates.WEEKDAYS_ABBR[moment.weekday()]),
    "B": lambda moment: str(dates.MONTHS[moment.month]),
    "b": lambda moment: str(dates.MONTHS_3[moment.month]).capitalize(),
    "z": lambda moment: f"{moment:%z}",
    "Z": lambda moment: str(moment.tzname()),
}
