"""Checks a condition tree before activation: every problem at once, each with its place."""

import re
from collections.abc import Generator, Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Protocol

from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.naming import close_to, with_close
from stripeflow.workflows.conditions.comparing import Comparison, comparison_of, is_comparable
from stripeflow.workflows.conditions.field_types import FIELD_TYPES, READINGS, Money, Reading
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import OPERATORS, Operator
from stripeflow.workflows.conditions.operators.case import WITHIN_EVENT
from stripeflow.workflows.conditions.values import FieldValue, ValueFault, read_value
from stripeflow.workflows.conditions.wording import is_currency
from stripeflow.workflows.references import Path


class FieldInfo(Protocol):
    """What is known of a field: its type, the values of a choice, the path of an amount's currency.

    `doubt` says why the field may not exist, "" if it surely does; `guessed` means that its type comes only
    from recent events.
    """

    @property
    def type(self) -> str: ...
    @property
    def enum(self) -> tuple[str, ...]: ...
    @property
    def currency_field(self) -> str | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def optional(self) -> bool: ...
    @property
    def doubt(self) -> str: ...
    @property
    def guessed(self) -> bool: ...


@dataclass(frozen=True)
class Problem:
    """`path` is a JSON pointer to the condition's part, `field` that condition's field."""

    path: str
    code: str
    message: str
    field: str = ""
    is_warning: bool = False


class Finder(Protocol):
    """Knows the fields at one place of a workflow."""

    def find(self, path: str) -> FieldInfo | None: ...

    def named(self, path: str) -> str:
        """What people call the field, also where nothing is known of it."""
        ...

    def unknown(self, path: str) -> str:
        """Why nothing is known of the field, and what to do, as a sentence."""
        ...

    def item_finder(self, list_path: str) -> "Finder":
        """The same inside conditions on the items of that list, which call them `item`."""
        ...


def check(
    node: Node, finder: Finder, *, allow_empty: bool = False, tracks_changes: bool = True
) -> list[Problem]:
    """Every problem of a condition tree.

    With `allow_empty` the root may have no conditions, unless it asks for any of them. `tracks_changes` says
    whether the trigger's event always says what changed.
    """
    if allow_empty and isinstance(node, Group) and not node.conditions and node.match != "any":
        return []
    return list(_Checker(tracks_changes).node(node, "", finder))


class _Checker:
    def __init__(self, tracks_changes: bool) -> None:
        self.tracks_changes = tracks_changes
        # The lists whose items the current conditions test.
        self.lists: list[Path] = []

    def node(self, node: Node, path: str, finder: Finder) -> Iterator[Problem]:
        if isinstance(node, Test):
            return self._test(node, path, finder)
        if isinstance(node, ListTest):
            return self._list_test(node, path, finder)
        return self._conditions(node, path, finder)

    def _conditions(self, node: Group | ListTest, path: str, finder: Finder) -> Iterator[Problem]:
        if not node.conditions:
            message = _("There are no conditions here. Add one.")
            yield Problem(path, "empty_group", message, getattr(node, "field", ""))
        for number, child in enumerate(node.conditions):
            yield from self.node(child, f"{path}/conditions/{number}", finder)

    def _list_test(self, node: ListTest, path: str, finder: Finder) -> Iterator[Problem]:
        info = yield from self._field(node, path, finder)
        # The items of an unknown list cannot be checked.
        if info is None:
            return
        if info.type not in {"list", "any"}:
            message = _("“{field}” is not a list.").format(field=finder.named(node.field))
            yield Problem(f"{path}/field", "not_a_list", message, node.field, is_warning=info.guessed)
            if not info.guessed:
                return
        if node.quantifier == "none" and info.optional:
            message = _(
                "Stripe may write null for this list without sending its items. “No item” is met then: where "
                "it matters, test another field as well."
            )
            yield Problem(f"{path}/field", "null_list", message, node.field, is_warning=True)
        self.lists.append(node.path)
        yield from self._conditions(node, path, finder.item_finder(node.field))
        self.lists.pop()

    def _test(self, test: Test, path: str, finder: Finder) -> Iterator[Problem]:
        info = yield from self._field(test, path, finder)
        if not test.operator:
            yield Problem(f"{path}/operator", "no_operator", _("Choose an operator."), test.field)
            return
        if OPERATORS[test.operator].asks_earlier and test.field:
            yield from self._changes(test, path)
        if info is None:
            return
        comparison = comparison_of(test, info.type)
        if not comparison.fits:
            place = "as" if test.read_as and info.type not in READINGS[test.read_as].of else "operator"
            message = _misfit(comparison, info)
            yield Problem(f"{path}/{place}", place, message, test.field, is_warning=info.guessed)
            if not info.guessed:
                return
            comparison = comparison_of(test, type_of_test(test, info))
        yield from value_problems(test, comparison, info, path, finder)

    def _field(
        self, node: Test | ListTest, path: str, finder: Finder
    ) -> Generator[Problem, None, FieldInfo | None]:
        """Yields problems, and returns what is known of the field."""
        if not node.field:
            yield Problem(f"{path}/field", "no_field", _("Choose a field."))
            return None
        info = finder.find(node.field)
        if info is None:
            yield Problem(f"{path}/field", "unknown_field", finder.unknown(node.field), node.field)
        elif info.doubt:
            yield Problem(f"{path}/field", "unknown_field", info.doubt, node.field, is_warning=True)
        return info

    def _changes(self, test: Test, path: str) -> Iterator[Problem]:
        if not self._is_of_trigger(test.path):
            message = _("Only fields of the trigger, and of items of its lists, can be tested for a change.")
            yield Problem(f"{path}/operator", "no_changes", message, test.field)
        elif not self.tracks_changes:
            message = _(
                "Not every event of this type says what changed. Where it does not, the condition is unknown."
            )
            yield Problem(f"{path}/operator", "no_changes", message, test.field, is_warning=True)

    def _is_of_trigger(self, path: Path) -> bool:
        for outer in reversed(self.lists):
            path = (*outer, *path[1:]) if path[0] == "item" else path
        is_within = path[:3] == WITHIN_EVENT and len(path) > 3
        return is_within or (path[0] == "trigger" and len(path) > 1)


def type_of_test(test: Test, info: FieldInfo) -> str:
    """The type that a test reads its field as: any value if a guessed type does not fit."""
    if info.guessed and test.operator and not comparison_of(test, info.type).fits:
        return "any"
    return info.type


def _misfit(comparison: Comparison, info: FieldInfo) -> str:
    message = _("“{operator}” does not fit this field, which is of the type “{type}”.")
    reading = comparison.reading
    if reading is not None:
        message = _("This field is of the type “{type}”, and cannot be read as {reading} for “{operator}”.")
    elif fitting := [one for one in READINGS.values() if _helps(one, comparison.operator, info.type)]:
        message = _("{message} It could be read as {reading}.").format(
            message=message, reading=fitting[0].label
        )
    return message.format(
        operator=comparison.operator.label,
        type=FIELD_TYPES[info.type].label,
        reading=reading.label if reading else "",
    )


def _helps(reading: Reading, operator: Operator, type_key: str) -> bool:
    return type_key in reading.of and operator.fits(reading.type)


# Only a warning: Stripe may send a value that the SDK does not list. With other faults it can never be met.
_WARNINGS = frozenset({"unknown_choice"})
_CODE = re.compile(r"[A-Za-z]{3}", re.ASCII)


def value_problems(
    test: Test, comparison: Comparison, info: FieldInfo, path: str, finder: Finder
) -> Iterator[Problem]:
    """What is wrong with the value of a test whose operator fits its field."""
    kind = comparison.operator.value_kind
    try:
        value = read_value(test.value, kind=kind, type_key=comparison.expected)
    except ValueFault as fault:
        yield Problem(f"{path}/value", fault.code, fault.message, test.field)
        return
    has_currency = info.currency_field or info.currency
    if comparison.type == "money" and not has_currency and comparison.needs_currency:
        message = _("It is not known where the currency of this amount stands.")
        yield Problem(f"{path}/field", "no_currency", message, test.field)
    if isinstance(value, FieldValue):
        yield from _other_field(value, test, comparison, path, finder)
        return
    values = value if isinstance(value, tuple) else (value,)
    yield from (
        Problem(f"{path}/value", code, message, test.field, is_warning=code in _WARNINGS)
        for item in values
        for code, message in _faults(item, test, info)
    )


def _other_field(
    value: FieldValue, test: Test, comparison: Comparison, path: str, finder: Finder
) -> Iterator[Problem]:
    other = finder.find(value.field)
    if other is None:
        yield Problem(f"{path}/value", "unknown_field", finder.unknown(value.field), test.field)
    elif not is_comparable(comparison, other.type):
        message = _("The two fields cannot be compared: one is of the type “{one}”, the other “{other}”.")
        types = {"one": FIELD_TYPES[comparison.type or "any"].label, "other": FIELD_TYPES[other.type].label}
        yield Problem(f"{path}/value", "value_type", message.format(**types), test.field)


def _faults(value: Any, test: Test, info: FieldInfo) -> Iterator[tuple[str, str]]:
    """What is wrong with one value, which is of the right type."""
    if isinstance(value, Money) and not money.is_currency(value.currency):
        yield "value_currency", unknown_currency(value.currency)
    if not isinstance(value, str):
        return
    if info.enum and value not in info.enum:
        yield "unknown_choice", _unlisted(value, info.enum)
    elif is_currency(test.path) and _CODE.fullmatch(value):
        if not money.is_currency(value):
            yield "value_currency", unknown_currency(value)
        elif not value.islower():
            message = _("Stripe writes currencies in small letters. Write “{value}”.")
            yield "currency_case", message.format(value=value.lower())


def _unlisted(text: str, values: tuple[str, ...]) -> str:
    if close_to(text, values):
        message = _("“{value}” is not one of the values that Stripe documents.").format(value=text)
        return with_close(message, text, values)
    message = _("“{value}” is not one of the values that Stripe documents: {values}.")
    return message.format(value=text, values=", ".join(values))


def unknown_currency(code: str) -> str:
    """The message on an unknown currency, with the ones that come close."""
    near = get_close_matches(code.lower(), money.CURRENCIES, n=3, cutoff=0.5)
    near += [one for one in money.CURRENCIES if sorted(one) == sorted(code.lower()) and one not in near]
    message = _("There is no currency “{code}”.").format(code=code)
    if not near:
        return message
    return _("{message} Did you mean {codes}?").format(
        message=message, codes=_(" or ").join(one.upper() for one in near)
    )
