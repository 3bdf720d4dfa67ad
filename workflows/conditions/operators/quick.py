"""A cheap first look: whether a condition tree is surely not met, before it is evaluated with reasons.

One event may meet a thousand workflows, nearly all of which say no by one plain comparison. Only what is
beyond doubt is looked at here; `evaluate` judges everything else, and is the only one that says yes.
"""

import operator
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from stripeflow.workflows.conditions.nodes import Group, Node, Test
from stripeflow.workflows.conditions.operators.judging import composed, trimmed
from stripeflow.workflows.references import Path

_TEXTS = frozenset({"string", "enum", "id"})
_COMPARISONS: dict[str, Callable[[Any, Any], bool]] = {
    "greater_than": operator.gt,
    "greater_or_equal": operator.ge,
    "less_than": operator.lt,
    "less_or_equal": operator.le,
}
_ABSENT = object()


@dataclass(frozen=True)
class Need:
    """What the value at `path` has to be like, if it is of type `kind`, for the tree to be met."""

    path: Path
    kind: type
    fits: Callable[[Any, Any], bool]
    expected: Any


def needs_of(node: Node | None) -> tuple[Need, ...]:
    """The plain comparisons all of which have to hold; none where a tree asks for anything else."""
    if isinstance(node, Test):
        need = _need(node)
        return (need,) if need else ()
    if isinstance(node, Group) and node.match == "all":
        return tuple(need for child in node.conditions for need in needs_of(child))
    return ()


def surely_not_met(needs: tuple[Need, ...], scope: dict[str, Any]) -> bool:
    """Whether a comparison of `needs` does not hold. A value of another type says nothing here."""
    for need in needs:
        seen: Any = scope
        for key in need.path:
            seen = seen.get(key, _ABSENT) if type(seen) is dict else _ABSENT
        if type(seen) is need.kind and not need.fits(seen, need.expected):
            return True
    return False


def _need(test: Test) -> Need | None:
    if not test.field or test.read_as:
        return None
    if test.operator in {"is_true", "is_false"}:
        return Need(test.path, bool, operator.is_, test.operator == "is_true")
    if test.operator == "equal" and test.type in _TEXTS and type(test.value) is str:
        # What may be another field is left to the evaluation.
        return None if "{{" in test.value else Need(test.path, str, _same, _plain(test.value))
    fits = _COMPARISONS.get(test.operator)
    amount = _amount(test)
    return Need(test.path, int, fits, amount) if fits and amount is not None else None


def _same(seen: str, expected: str) -> bool:
    return seen == expected or _plain(seen) == expected


# A value of one event is compared with what a thousand workflows ask for.
@lru_cache(maxsize=64)
def _plain(text: str) -> str:
    """At least as many texts are the same here as for the evaluation."""
    return trimmed(composed(text))


def _amount(test: Test) -> int | None:
    """The whole number to compare with; of money the amount, whatever the currency is."""
    value = test.value
    if test.type == "money" and isinstance(value, dict):
        value = value.get("amount")
    elif test.type != "integer":
        return None
    return value if type(value) is int else None
