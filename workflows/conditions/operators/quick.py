"""A cheap first look: whether conditions are surely not met, before they are evaluated with reasons.

One event may meet a thousand workflows, nearly all of which say no by one plain comparison. An operator's
quick test (`Operator.quick`) looks only at what is beyond doubt; the operator judges everything else, and is
the only one that says yes.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stripeflow.workflows.conditions.field_types import Money
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.operators.judging import composed, trimmed
from stripeflow.workflows.references import Path

_TEXTS = frozenset({"string", "enum", "id"})
_NUMBERS = frozenset({"integer", "money"})
_ABSENT = object()


@dataclass(frozen=True)
class Need:
    """What the value at `path` has to be like, if it is of type `kind`, for a test to be met."""

    path: Path
    kind: type
    fits: Callable[[Any, Any], bool]
    expected: Any


# From a test and its value, as it was read, to what it needs; None where a look says nothing.
Quick = Callable[[Test, Any], Need | None]


def surely_not_met(needs: tuple[Need, ...], scope: dict[str, Any]) -> bool:
    """Whether a comparison of `needs` does not hold. A value of another type says nothing here."""
    for need in needs:
        seen: Any = scope
        for key in need.path:
            seen = seen.get(key, _ABSENT) if isinstance(seen, dict) else _ABSENT
        if type(seen) is need.kind and not need.fits(seen, need.expected):
            return True
    return False


def same_text(test: Test, expected: Any) -> Need | None:
    """For texts; what is another field is left to the operator."""
    is_text = test.type in _TEXTS and type(expected) is str
    return Need(test.path, str, _same, _plain(expected)) if is_text else None


def truth(wanted: bool) -> Quick:
    return lambda test, expected: Need(test.path, bool, operator.is_, wanted)


def ordered(fits: Callable[[Any, Any], bool]) -> Quick:
    """For whole numbers, and amounts of money whatever their currency is."""

    def quick(test: Test, expected: Any) -> Need | None:
        amount = expected.amount if isinstance(expected, Money) else expected
        is_number = test.type in _NUMBERS and type(amount) is int
        return Need(test.path, int, fits, amount) if is_number else None

    return quick


def _same(seen: str, expected: str) -> bool:
    return seen == expected or _plain(seen) == expected


# A value of one event is compared with what a thousand workflows ask for.
@lru_cache(maxsize=64)
def _plain(text: str) -> str:
    """At least as many texts are the same here as for the operator."""
    plain: str = trimmed(composed(text))
    return plain
