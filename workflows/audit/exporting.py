"""The audit log as CSV or JSON, streamed: it may be larger than memory."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db.models import QuerySet

from stripeflow.workflows.audit.kinds import title_of
from stripeflow.workflows.models import AuditEntry

_CHUNK = 1000
COLUMNS = (
    "id",
    "at",
    "kind",
    "title",
    "user_id",
    "user_name",
    "via",
    "token_id",
    "token",
    "session",
    "command",
    "address",
    "request_id",
    "object_kind",
    "object_id",
    "object_title",
    "workflow_id",
    "before",
    "after",
    "note",
)
# What a spreadsheet would take for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """A heading, and a line for each entry. No text begins as a formula would."""
    yield _line(COLUMNS)
    for entry in rows.iterator(chunk_size=_CHUNK):
        yield _line(_cell(value) for value in as_dict(entry).values())


def as_json(rows: QuerySet[AuditEntry]) -> Iterator[str]:
    """A JSON array with one entry a line."""
    before = "[\n"
    for entry in rows.iterator(chunk_size=_CHUNK):
        yield before + json.dumps(as_dict(entry), cls=DjangoJSONEncoder, ensure_ascii=False)
        before = ",\n"
    yield "\n]\n" if before == ",\n" else "[]\n"


# By the name of the format.
FORMATS: dict[str, Callable[[QuerySet[AuditEntry]], Iterator[str]]] = {"csv": as_csv, "json": as_json}


def as_dict(entry: AuditEntry) -> dict[str, Any]:
    """An entry by its columns."""
    return {name: title_of(entry.kind) if name == "title" else getattr(entry, name) for name in COLUMNS}


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def _line(cells: Iterable[str]) -> str:
    written = io.StringIO()
    csv.writer(written).writerow(cells)
    return written.getvalue()
