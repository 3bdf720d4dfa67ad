"""Lengths of time, such as "within the last 6 hours"."""

import math
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy, ngettext

MAX_DAYS = 36_500
UNITS = {"days": 86_400, "hours": 3_600, "minutes": 60}
UNIT_NAMES = {
    "days": gettext_lazy("days"),
    "hours": gettext_lazy("hours"),
    "minutes": gettext_lazy("minutes"),
}


@dataclass(frozen=True)
class Span:
    """So many days, hours or minutes."""

    count: float
    unit: str = "days"

    @property
    def seconds(self) -> float:
        return self.count * UNITS[self.unit]

    @property
    def is_possible(self) -> bool:
        return 0 < self.seconds <= MAX_DAYS * UNITS["days"]

    def __str__(self) -> str:
        # Languages have plurals of whole numbers only; what is none reads as several.
        number = self.count if isinstance(self.count, int) else 2
        if self.unit == "hours":
            return ngettext("{n} hour", "{n} hours", number).format(n=self.count)
        if self.unit == "minutes":
            return ngettext("{n} minute", "{n} minutes", number).format(n=self.count)
        return ngettext("{n} day", "{n} days", number).format(n=self.count)

    @property
    def told(self) -> "Span":
        """The same in its own unit, or the largest that counts it whole: 0.25 days are six hours."""
        for unit in sorted(UNITS, key=lambda unit: unit != self.unit):
            count = self.seconds / UNITS[unit]
            if count.is_integer():
                return Span(int(count), unit)
        return self


def read_span(value: Any) -> Span | None:
    """Days as a number, or `{"hours": 6}`; None for anything else."""
    if isinstance(value, dict):
        if len(value) != 1 or (unit := next(iter(value))) not in UNITS:
            return None
        return _span(value[unit], unit)
    return _span(value, "days")


def _span(count: Any, unit: str) -> Span | None:
    if isinstance(count, bool) or not isinstance(count, int | float) or not math.isfinite(count):
        return None
    span = Span(count, unit)
    return span if span.is_possible else None
