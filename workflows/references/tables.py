"""The filter that writes a list of objects as lines of text, for e-mails."""

import re
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.workflows.references.currencies import currency_beside
from stripeflow.workflows.references.errors import MissingValue, TemplateTooLarge
from stripeflow.workflows.references.filter_functions import Given, date, money
from stripeflow.workflows.references.paths import WORD, Path, segment
from stripeflow.workflows.references.resolving import resolve
from stripeflow.workflows.references.texts import MAX_TEXT, as_text

MAX_FIELDS = 10
_FIELD = re.compile(rf"({WORD}(?:\.{WORD})*)(?::(money|date))?")
_NOTHING = "–"


def table(given: Given, fields: str, separator: str = " · ") -> str:
    """One line for each item, with these fields of it. A field that is missing or null is a dash."""
    if fault := fields_fault(fields):
        raise ValueError(fault)
    wanted = _read(fields)
    lines, size = [], 0
    for item in given.value:
        line = separator.join(_cell(given, item, path, kind) for path, kind in wanted)
        # It is measured as it grows, since a list may be long.
        if (size := size + len(line) + 1) > MAX_TEXT:
            raise TemplateTooLarge(MAX_TEXT)
        lines.append(line)
    return "\n".join(lines)


def fields_fault(fields: str) -> str:
    parts = [part.strip() for part in fields.split(",")]
    if len(parts) > MAX_FIELDS:
        return worded(_("A line has at most {limit} fields."), names={"limit": MAX_FIELDS})
    wrong = next((part for part in parts if not _FIELD.fullmatch(part)), None)
    if wrong is None:
        return ""
    message = _('“{part}” is not a field. Write them with commas, as in "description, amount:money".')
    return worded(message, part=wrong[:60])


def _read(fields: str) -> list[tuple[Path, str]]:
    found = (_FIELD.fullmatch(part.strip()) for part in fields.split(","))
    return [(tuple(map(segment, one[1].split("."))), one[2] or "") for one in found if one]


def _cell(given: Given, item: Any, path: Path, kind: str) -> str:
    try:
        value = resolve(path, item)
    except MissingValue:
        return _NOTHING
    if value is None:
        return _NOTHING
    inside = Given(value, ("item", *path), {**given.scope, "item": item}, given.locale)
    if kind == "money":
        return money(inside, _currency(inside, given))
    if kind == "date":
        return date(inside)
    # A line break within a value would look like a further line.
    return " ".join(as_text(value).split())


def _currency(inside: Given, given: Given) -> str:
    """Beside the amount, in its item, or beside the list."""
    try:
        return currency_beside(inside.path, inside.scope)
    except ValueError:
        return currency_beside(given.path, given.scope)
