"""What a condition tree means, checked before activation: every problem at once, each with its place."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from stripeflow.workflows.conditions.checking_values import value_problems
from stripeflow.workflows.conditions.comparing import Comparison, comparison_of
from stripeflow.workflows.conditions.field_types import FIELD_TYPES
from stripeflow.workflows.conditions.known import FieldInfo, Finder, Problem
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import CHANGE_OPERATORS, Operator
from stripeflow.workflows.conditions.readings import READINGS, Reading
from stripeflow.workflows.conditions.situation import WITHIN_EVENT
from stripeflow.workflows.references import Path


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
        # The lists whose items are being asked about.
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
        # Of the items of an unknown list nothing can be said.
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
        if test.operator in CHANGE_OPERATORS and test.field:
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

    def _field(self, node: Test | ListTest, path: str, finder: Finder) -> Iterator[Problem]:
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
    """The type as which a test reads its field: any value where a guessed one does not fit."""
    if info.guessed and test.operator and not comparison_of(test, info.type).fits:
        return "any"
    return info.type


def _misfit(comparison: Comparison, info: FieldInfo) -> str:
    message = _("“{operator}” does not fit this field, which is of the type “{type}”.")
    reading = comparison.reading
    if reading is not None:
        message = _("This field is of the type “{type}”, and cannot be read as {reading} for “{operator}”.")
    elif fitting := [one for one in READINGS.values() if _helps(one, comparison.operator, info.type)]:
        message = _("{told} It could be read as {reading}.").format(told=message, reading=fitting[0].label)
    return message.format(
        operator=comparison.operator.label,
        type=FIELD_TYPES[info.type].label,
        reading=reading.label if reading else "",
    )


def _helps(reading: Reading, operator: Operator, type_key: str) -> bool:
    return type_key in reading.of and operator.fits(reading.type)
