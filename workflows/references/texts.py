"""How a JSON value reads inside a text."""

import json
from typing import Any

from stripeflow.workflows.references.errors import TemplateTooLarge

# In characters. Of everything that `render` yields as a text.
MAX_TEXT = 100_000


def as_text(value: Any) -> str:
    """The value as it stands in a filled-in text: null is empty, objects and lists are compact JSON.

    Raises `TemplateTooLarge`.
    """
    if isinstance(value, str):
        return capped(value)
    return "" if value is None else as_json(value)


def as_json(value: Any) -> str:
    """The value as compact JSON. Raises `TemplateTooLarge`, also for what is nested too deeply."""
    try:
        return capped(json.dumps(value, ensure_ascii=False, separators=(",", ":")))
    except RecursionError as error:
        raise TemplateTooLarge(MAX_TEXT) from error


def capped(text: str) -> str:
    """The same text. Raises `TemplateTooLarge`."""
    if len(text) > MAX_TEXT:
        raise TemplateTooLarge(MAX_TEXT)
    return text
