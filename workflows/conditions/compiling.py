"""Compiles conditions: everything that does not depend on an event is done once, when a plan is built."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.comparing import Comparison, comparison_of
from stripeflow.workflows.conditions.documents import Types, dump, load
from stripeflow.workflows.conditions.nodes import Group, ListTest, Node, Test
from stripeflow.workflows.conditions.operators import OPERATORS, Operator
from stripeflow.workflows.conditions.operators.case import Unfit
from stripeflow.workflows.conditions.operators.quick import Need
from stripeflow.workflows.conditions.values import FieldValue, ValueFault, read_value
from stripeflow.workflows.conditions.wording import ExpectedInWords, shown_type


@dataclass(frozen=True)
class ReadyTest:
    """A test that can be evaluated: its operator, its parsed value, and its document.

    `values` is the `VALUE_TYPES` key of what the field holds, `type` the type that it is compared as, `shown`
    the type by which sentences show it. `wanted` is the value for sentences, None if it is another field's.
    """

    test: Test
    document: dict[str, Any]
    comparison: Comparison
    operator: Operator
    values: str
    type: str | None
    counts: bool
    expected: Any
    shown: str | None
    wanted: ExpectedInWords | None


@dataclass(frozen=True)
class UnfitTest:
    """A test that is unknown for every event; `why` says why."""

    test: Test
    document: dict[str, Any]
    why: Unfit


@dataclass(frozen=True)
class ReadyGroup:
    match: str
    children: "tuple[Ready, ...]"
    document: dict[str, Any]


@dataclass(frozen=True)
class ReadyList:
    """Conditions on each item of a list: `each` is evaluated for every item."""

    node: ListTest
    each: ReadyGroup
    document: dict[str, Any]


Ready = ReadyTest | UnfitTest | ReadyGroup | ReadyList


@dataclass(frozen=True)
class Compiled:
    """A whole condition tree. If one of the plain comparisons in `needs` fails, it is surely not met."""

    node: Group
    root: ReadyGroup
    needs: tuple[Need, ...] = field(default=(), repr=False)


def compile(document: Any, types: Types | None = None, *, at: str = "") -> Compiled:  # noqa: A001
    """Compile a document. Takes `types` and raises `ConditionError` as `load` does.

    An operator that is not installed here makes its test unknown.
    """
    node = load(document, types, at=at, any_operator=True)
    root = _group(node)
    return Compiled(node, root, tuple(_needs(root)))


def _ready(node: Node) -> Ready:
    if isinstance(node, Test):
        return _test(node)
    if isinstance(node, ListTest):
        document = {"field": node.field, "quantifier": node.quantifier, "match": node.match}
        return ReadyList(node, _group(node), document)
    return _group(node)


def _group(node: Group | ListTest) -> ReadyGroup:
    return ReadyGroup(node.match, tuple(map(_ready, node.conditions)), {"match": node.match})


def _test(test: Test) -> ReadyTest | UnfitTest:
    document = dump(test)
    try:
        comparison, expected = _checked(test)
    except Unfit as unfit:
        return UnfitTest(test, document, unfit)
    operator, shown = comparison.operator, shown_type(test, comparison.type)
    is_own = not isinstance(expected, FieldValue)
    return ReadyTest(
        test,
        document,
        comparison,
        operator,
        comparison.values,
        comparison.type,
        comparison.counts,
        expected,
        shown,
        ExpectedInWords(expected, operator.value_kind, shown) if is_own else None,
    )


def _checked(test: Test) -> tuple[Comparison, Any]:
    """The comparison and the value, as `check` would accept them. Raises `Unfit`."""
    if not test.field:
        raise Unfit(_("No field is chosen."))
    if not test.operator:
        raise Unfit(_("No operator is chosen for {field}."))
    if test.operator not in OPERATORS:
        raise Unfit(_("The operator “{operator}” is not installed."), operator=test.operator)
    comparison = comparison_of(test, test.type)
    if not comparison.fits:
        label = comparison.operator.label
        raise Unfit(_("The operator “{operator}” does not fit {field}."), operator=label)
    try:
        expected = _read(test.value, comparison)
    except ValueFault as fault:
        why = _Fault(test.value, comparison)
        raise Unfit(_("The value to compare {field} with is not valid: {why}"), why=why) from fault
    return comparison, expected


@dataclass(frozen=True)
class _Fault:
    """What is wrong with a value, translated only when it is read: plans outlive a request."""

    value: Any
    comparison: Comparison

    def __str__(self) -> str:
        try:
            _read(self.value, self.comparison)
        except ValueFault as fault:
            return fault.message
        return ""


def _read(value: Any, comparison: Comparison) -> Any:
    return read_value(value, kind=comparison.operator.value_kind, type_key=comparison.expected)


def _needs(ready: Ready) -> Iterator[Need]:
    """The quick tests of all conditions that have to be met."""
    if isinstance(ready, ReadyGroup) and ready.match == "all":
        for child in ready.children:
            yield from _needs(child)
    if isinstance(ready, ReadyTest):
        quick = ready.operator.quick if ready.comparison.reading is None else None
        need = quick and quick(ready.test, ready.expected)
        yield from (need,) if need else ()
