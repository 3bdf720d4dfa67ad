"""Condition trees in words."""

from contextlib import AbstractContextManager, nullcontext
from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.conditions.comparing import Comparison, comparison_of
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import OPERATORS
from stripeflow.workflows.conditions.values import FieldValue, ValueFault, ValueKind, read_value
from stripeflow.workflows.conditions.wording import ExpectedInWords, Label, LabelOf, ValueInWords, shown_type
from stripeflow.workflows.references import parse_path

_QUANTIFIERS = {
    "any": gettext_lazy("at least one item of {field} meets ({conditions})"),
    "all": gettext_lazy("every item of {field} meets ({conditions})"),
    "none": gettext_lazy("no item of {field} meets ({conditions})"),
}


def describe(node: Node, *, label_of: LabelOf | None = None, locale: str | None = None) -> str:
    """A condition tree in words: "Amount is greater than $1,000.00 USD and status is equal to paid".

    `label_of` names the fields, also those of the items of a list ("item.amount"); a field that it does
    not know is named by its path. A group without conditions is "".
    """
    language: AbstractContextManager[Any] = translation.override(locale) if locale else nullcontext()
    with language:
        describer = _Describer(label_of)
        text = describer.node(node)
    titled = describer.titles and text.startswith(tuple(describer.titles))
    return text if titled else text[:1].upper() + text[1:]


class _Describer:
    def __init__(self, label_of: LabelOf | None) -> None:
        self.label_of = label_of
        self.titles: set[str] = set()

    def node(self, node: Node) -> str:
        if isinstance(node, Test):
            return self._test(node)
        if isinstance(node, ListTest):
            return self._list_test(node)
        return self._conditions(node)

    def _conditions(self, node: Group | ListTest) -> str:
        children = [self._child(child, node) for child in node.conditions]
        if node.match == "none" and children:
            return _("none of ({conditions})").format(conditions="; ".join(children))
        return (_(" or ") if node.match == "any" else _(" and ")).join(children)

    def _child(self, child: Node, parent: Group | ListTest) -> str:
        # A group of one condition reads as that condition.
        while isinstance(child, Group) and child.match != "none" and len(child.conditions) == 1:
            child = child.conditions[0]
        text = self.node(child) or "…"
        is_joined = isinstance(child, Group) and child.match != "none" and child.conditions
        return f"({text})" if is_joined and len(parent.conditions) > 1 else text

    def _list_test(self, node: ListTest) -> str:
        conditions = self._conditions(node)
        field = self._label(node.field)
        return str(_QUANTIFIERS[node.quantifier]).format(field=field, conditions=conditions)

    def _test(self, test: Test) -> str:
        if test.operator not in OPERATORS:
            label = self._label(test.field)
            return f"{label} …" if test.field else label
        comparison = comparison_of(test, test.type)
        label = self._label(test.field)
        if comparison.reading:
            label = str(comparison.reading.phrase).format(field=label)
        value = self._value(test, comparison)
        # A sentence with its own order in each language; “is empty” stands alone.
        words = _("{field} {operator} {value}") if value else _("{field} {operator}")
        return words.format(field=label, operator=comparison.operator.label, value=value)

    def _value(self, test: Test, comparison: Comparison) -> str:
        kind = comparison.operator.value_kind
        try:
            value = read_value(test.value, kind=kind, type_key=comparison.expected)
        except ValueFault:
            return self._unread(test, kind)
        if isinstance(value, FieldValue):
            return self._label(value.field)
        return str(ExpectedInWords(value, kind, shown_type(test, comparison.type)))

    def _unread(self, test: Test, kind: ValueKind) -> str:
        """A value that does not fit its field. An amount still reads as money if its field is gone."""
        try:
            return str(ExpectedInWords(read_value(test.value, kind=kind, type_key="money"), kind, "money"))
        except ValueFault:
            return "…" if test.value in (None, "") else str(ValueInWords(test.value))

    def _label(self, field: str) -> str:
        """The label within a sentence: "Amount" is "amount", and "ID" stays as it is."""
        label = str(Label(field, self.label_of)) if field else "…"
        if _is_titled(field):
            self.titles.add(label)
            return label
        return label if label[1:2].isupper() else label[:1].lower() + label[1:]


def _is_titled(field: str) -> bool:
    """Whether the label of a field starts with a step's title, which stays as its author wrote it."""
    return bool(field) and parse_path(field)[0] == "steps"
