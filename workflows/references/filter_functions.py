"""What the filters do. Each takes a `Given` and its arguments; each fault is a ValueError's sentence."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import dates, translation
from django.utils.translation import gettext as _

from stripeflow.actions.money import MAX_MINOR, format_minor
from stripeflow.actions.wording import worded
from stripeflow.workflows.references.currencies import currency_beside
from stripeflow.workflows.references.errors import MissingValue, TemplateTooLarge
from stripeflow.workflows.references.paths import WORD, Path, segment
from stripeflow.workflows.references.resolving import resolve
from stripeflow.workflows.references.texts import MAX_TEXT, as_text
from stripeflow.workflows.references.texts import as_json as json_text


class _Nothing:
    """There is no value, which is not the same as null."""

    def __repr__(self) -> str:
        return "NOTHING"


NOTHING = _Nothing()

DATE_FORMAT = "%Y-%m-%d %H:%M %Z"
DAY_FORMAT = "%Y-%m-%d"
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_DIGITS = re.compile(r"(-?[0-9]{1,16})(?:\.0+)?", re.ASCII)
_SECONDS = re.compile(r"-?[0-9]{1,15}", re.ASCII)
_NAME = re.compile(rf"{WORD}(\.{WORD})*")
_CURRENCY = re.compile(r"[A-Za-z]{3}", re.ASCII)
_DIRECTIVE = re.compile(r"%(.?)", re.DOTALL)


@dataclass(frozen=True)
class Given:
    """The value that reaches a filter, and where the reference stands.

    `argument_paths` says where the arguments stand; None for one that was written out.
    """

    value: Any
    path: Path
    scope: dict[str, Any]
    locale: str | None
    argument_paths: tuple[Path | None, ...] = ()


def money(given: Given, currency: str | None = None) -> str:
    if isinstance(given.value, dict):
        return ", ".join(_amount(whole_number(amount), code, given) for code, amount in given.value.items())
    code = currency_beside(given.path, given.scope) if currency is None else currency
    return _amount(whole_number(given.value), code, given)


def _amount(amount: int, code: str, given: Given) -> str:
    if fault := currency_fault(code):
        raise ValueError(fault)
    if abs(amount) > MAX_MINOR:
        raise ValueError(worded(_("The amount is too large.")))
    return format_minor(amount, code, locale=given.locale)


def whole_number(value: Any) -> int:
    """A whole number, also from a text of digits, as metadata and exact decimals are."""
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and (found := _DIGITS.fullmatch(value.strip())):
        return int(found[1])
    raise ValueError(worded(_("It is not a whole number of minor units, such as 1200 for 12.00.")))


def date(given: Given, pattern: str | None = None, timezone: str = "UTC") -> str:
    if fault := format_fault(pattern or "") or timezone_fault(timezone):
        raise ValueError(fault)
    zone = zone_of(timezone)
    moment = moment_of(given.value, zone)
    with translation.override(given.locale or translation.get_language()):
        wanted = pattern if pattern is not None else DAY_FORMAT if is_day(given.value) else DATE_FORMAT
        return _DIRECTIVE.sub(lambda match: _DIRECTIVES[match[1]](moment), wanted)


def is_day(value: Any) -> bool:
    """Whether it is a date without a time, such as 2025-01-31."""
    return isinstance(value, str) and _DAY.fullmatch(value.strip()) is not None


def moment_of(value: Any, zone: tzinfo) -> datetime:
    """The moment of Unix seconds, or of a text that is such a number or an ISO date or date and time.

    Raises ValueError for anything else.
    """
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(worded(_("It is no time: neither Unix seconds nor a date such as 2025-01-31.")))
    if isinstance(value, str):
        text = value.strip()
        if not _SECONDS.fullmatch(text):
            return _from_text(text, zone)
        value = int(text)
    try:
        return datetime.fromtimestamp(value, zone)
    except (OverflowError, OSError, ValueError) as error:
        raise ValueError(worded(_("The time is out of range."))) from error


def _from_text(text: str, zone: tzinfo) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
        return moment.replace(tzinfo=zone) if moment.tzinfo is None else moment.astimezone(zone)
    except (OverflowError, ValueError) as error:
        message = _("The text is no time: neither Unix seconds nor a date such as 2025-01-31.")
        raise ValueError(worded(message)) from error


def of_each(given: Given, name: str) -> list[Any]:
    if fault := name_fault(name):
        raise ValueError(fault)
    path = tuple(map(segment, name.split(".")))
    found = (_at(path, item) for item in given.value)
    return [value for value in found if value is not None]


def _at(path: Path, item: Any) -> Any:
    try:
        return resolve(path, item)
    except MissingValue:
        return None


def default(given: Given, instead: Any) -> Any:
    return instead if given.value is NOTHING or given.value is None else given.value


def upper(given: Given) -> str:
    return str.upper(given.value)


def lower(given: Given) -> str:
    return str.lower(given.value)


def trim(given: Given) -> str:
    return str.strip(given.value)


def truncate(given: Given, length: int) -> str:
    if fault := length_fault(length):
        raise ValueError(fault)
    text: str = given.value
    return text if len(text) <= length else text[: length - 1] + "…"


def join(given: Given, separator: str = ", ") -> str:
    if any(isinstance(item, dict | list) for item in given.value):
        raise ValueError(worded(_("The list holds objects or lists; only plain values can be joined.")))
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
    message = _("“{code}” is not a currency. Its code has three letters, such as usd.")
    return worded(message, code=code[:20])


def length_fault(length: int) -> str:
    if 1 <= length <= MAX_TEXT:
        return ""
    return worded(_("The number of characters is from 1 to {limit}."), names={"limit": MAX_TEXT})


def name_fault(name: str) -> str:
    if _NAME.fullmatch(name):
        return ""
    message = _("“{name}” is not the name of a field, such as description or price.id.")
    return worded(message, name=name[:60])


def format_fault(pattern: str) -> str:
    unknown = next((found[0] for found in _DIRECTIVE.finditer(pattern) if found[1] not in _DIRECTIVES), "")
    return worded(_("“{directive}” is not known in a date format."), directive=unknown) if unknown else ""


def timezone_fault(name: str) -> str:
    try:
        zone_of(name)
    except (KeyError, ValueError, OSError):
        message = _("“{name}” is not a time zone. Write one such as Europe/Berlin.")
        return worded(message, name=name[:60])
    return ""


def zone_of(name: str) -> tzinfo:
    """Raises KeyError, ValueError or OSError for what is no time zone; see `timezone_fault`."""
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
