"""Cutting JSON values down for explanations. Evaluation itself never cuts anything."""

import math
from typing import Any

MAX_CHARACTERS = 200
MAX_ITEMS = 20


def shortened(value: Any, *, levels: int) -> tuple[Any, bool]:
    """A JSON value of which little is left if there was much, and whether anything was cut.

    Texts have at most 200 characters, lists and objects 20 items; lists and objects below
    `levels` levels of them become "[…]" or "{…}".
    """
    cutter = _Cutter()
    return cutter.cut(value, levels), cutter.was_cut


class _Cutter:
    def __init__(self) -> None:
        self.was_cut = False

    def cut(self, value: Any, levels: int) -> Any:
        if isinstance(value, str):
            return self._text(value)
        if isinstance(value, list | dict) and value and not levels:
            self.was_cut = True
            return "{…}" if isinstance(value, dict) else "[…]"
        if isinstance(value, dict):
            kept = self._items(list(value.items()))
            return {self._text(str(key)): self.cut(item, levels - 1) for key, item in kept}
        if isinstance(value, list):
            return [self.cut(item, levels - 1) for item in self._items(value)]
        return str(value) if isinstance(value, float) and not math.isfinite(value) else value

    def _text(self, text: str) -> str:
        if len(text) <= MAX_CHARACTERS:
            return text
        self.was_cut = True
        return text[: MAX_CHARACTERS - 1] + "…"

    def _items(self, items: list[Any]) -> list[Any]:
        if len(items) <= MAX_ITEMS:
            return items
        self.was_cut = True
        return items[:MAX_ITEMS]
