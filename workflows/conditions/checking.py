"""What a condition tree means, checked before activation: every problem at once, each with its place."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Protocol

from django.utils.translation import gettext as _

from workflows.conditions.expectations import ValueFault, read_value
from workflows.conditions.field_types import FIELD_TYPES
from workflows.conditions.nodes import Group, ListTest, Node, Test
from workflows.conditions.operators import CHANGE_OPERATORS, OPERATORS, Operator


class FieldInfo(Protocol):
    """What is known of a field: its type, the values of a choice, the path of an amount's currency.

    `doubt` says why there may be no such field, "" where there surely is; `guessed` that its type is only
    what recent events show.
    """

    @property
    def type(self) -> str: ...
    @property
    def enum(self) -> tuple[str, ...]: ...
    @property
    def currency_field(self) -> str | None: ...
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
    """Tells what is known of the fields at one place of a workflow."""

    def find(self, path: str) -> FieldInfo | None: ...

    def item_finder(self, list_path: str) -> "Finder":
        """The same inside conditions on the items of that list, which call them `item`."""
        ...


# Stripe may send a value that the SDK does not list; what else is wrong with a value can never be met.
_WARNINGS = frozenset({"unknown_choice"})
_CAPITAL_CODE = re.compile(r"[A-Z]{3}", re.ASCII)


def check(
    node: Node, finder: Finder, *, allow_empty: bool = False, tracks_changes: bool = True
) -> list[Problem]:
    """Every problem of a condition tree.

    With `allow_empty` the root may have no conditions, unless it asks for any of them.
    `tracks_changes` says whether the trigger's event has previous_attributes.
    """
    if allow_empty and isinstance(node, Group) and not node.conditions and node.match != "any":
        return []
    return list(_Checker(tracks_changes).node(node, "", finder))


class _Checker:
    def __init__(self, tracks_changes: bool) -> None:
        self.tracks_changes = tracks_changes

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
        # Of the items of an unknown list nothing can be said.
        if info is None:
            return
        if info.type not in {"list", "any"}:
            message = _("“{field}” is not a list.").format(field=node.field)
            yield Problem(f"{path}/field", "not_a_list", message, node.field, is_warning=info.guessed)
            if not info.guessed:
                return
        yield from self._conditions(node, path, finder.item_finder(node.field))

    def _test(self, test: Test, path: str, finder: Finder) -> Iterator[Problem]:
        info = yield from self._field(test, path, finder)
        if not test.operator:
            yield Problem(f"{path}/operator", "no_operator", _("Choose an operator."), test.field)
            return
        operator = OPERATORS[test.operator]
        if operator.key in CHANGE_OPERATORS:
            yield from self._changes(test, path)
        if info is None:
            return
        if not operator.fits(info.type):
            yield Problem(
                f"{path}/operator", "operator", _misfit(operator, info), test.field, is_warning=info.guessed
            )
            if not info.guessed:
                return
        yield from _value(test, operator, info, path)

    def _field(self, node: Test | ListTest, path: str, finder: Finder) -> Iterator[Problem]:
        """Yields problems, and returns what is known of the field."""
        if not node.field:
            yield Problem(f"{path}/field", "no_field", _("Choose a field."))
            return None
        info = finder.find(node.field)
        if info is None:
            message = _("“{field}” is not known here. Choose a field from the list.")
            yield Problem(f"{path}/field", "unknown_field", message.format(field=node.field), node.field)
        elif info.doubt:
            yield Problem(f"{path}/field", "unknown_field", info.doubt, node.field, is_warning=True)
        return info

    def _changes(self, test: Test, path: str) -> Iterator[Problem]:
        message = ""
        if not test.field.startswith("trigger."):
            message = _("Only the trigger's own fields can be tested for a change.")
        elif not self.tracks_changes:
            message = _("The trigger's event does not say what changed. Choose another operator.")
        if message:
            yield Problem(f"{path}/operator", "no_changes", message, test.field)


def type_of_test(operator: Operator, info: FieldInfo) -> str:
    """The type as which a test reads its field: any value where the operator does not fit a guessed one."""
    return "any" if info.guessed and not operator.fits(info.type) else info.type


def _misfit(operator: Operator, info: FieldInfo) -> str:
    message = _("“{operator}” does not fit this field, which is of the type “{type}”.")
    return message.format(operator=operator.label, type=FIELD_TYPES[info.type].label)


def _value(test: Test, operator: Operator, info: FieldInfo, path: str) -> Iterator[Problem]:
    kind, type_key = operator.value_kind, type_of_test(operator, info)
    try:
        value = read_value(test.value, kind=kind, type_key=operator.expected_of(type_key))
    except ValueFault as fault:
        yield Problem(f"{path}/value", fault.code, fault.message, test.field)
        return
    if type_key == "money" and value is not None and not info.currency_field:
        message = _("It is not known where the currency of this amount stands.")
        yield Problem(f"{path}/field", "no_currency", message, test.field)
    values = value if isinstance(value, tuple) else (value,)
    texts = [item for item in values if isinstance(item, str)]
    yield from (
        Problem(f"{path}/value", code, message, test.field, is_warning=code in _WARNINGS)
        for code, message in _faults(texts, test, info)
    )


def _faults(texts: list[str], test: Test, info: FieldInfo) -> Iterator[tuple[str, str]]:
    for text in texts:
        if info.enum and text not in info.enum:
            yield "unknown_choice", _unlisted(text, info.enum)
        elif test.path[-1] == "currency" and _CAPITAL_CODE.fullmatch(text):
            message = _("Stripe writes currencies in small letters. Write “{value}”.")
            yield "currency_case", message.format(value=text.lower())


def _unlisted(text: str, values: tuple[str, ...]) -> str:
    if near := get_close_matches(text, values, n=1):
        message = _("“{value}” is not one of the values that Stripe documents. Did you mean “{near}”?")
        return message.format(value=text, near=near[0])
    message = _("“{value}” is not one of the values that Stripe documents: {values}.")
    return message.format(value=text, values=", ".join(values))
