"""Who made an event that nobody outside sent, and by which door: set by `workflows`, for the list."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Expression

from stripeflow.triggers.models import Event


def _nothing() -> dict[str, Any]:
    return {}


def _unknown(_event: Event) -> str:
    return ""


@dataclass
class _Origins:
    columns: Callable[[], Mapping[str, Expression]] = _nothing
    words: Callable[[Event], str] = _unknown


_origins = _Origins()


def set_origins(columns: Callable[[], Mapping[str, Expression]], words: Callable[[Event], str]) -> None:
    """Register which columns a query of events needs in addition, and what an event with them is told by."""
    _origins.columns, _origins.words = columns, words


def columns() -> Mapping[str, Expression]:
    """What the query has to be annotated with."""
    return _origins.columns()


def words(event: Event) -> str:
    """By whom and by which door the event was made, or ""."""
    return _origins.words(event)
