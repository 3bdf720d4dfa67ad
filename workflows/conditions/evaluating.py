"""Evaluating a condition tree: values in, an `Evaluation` out. It never raises for any JSON."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import chain
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.comparing import value_of
from stripeflow.workflows.conditions.compiling import Compiled, Ready, ReadyGroup, ReadyList, ReadyTest
from stripeflow.workflows.conditions.nodes import ListTest
from stripeflow.workflows.conditions.operators.case import Case, Situation, Unfit
from stripeflow.workflows.conditions.operators.changes import UNCHANGED
from stripeflow.workflows.conditions.truth import MISSING, Truth, combine, quantify
from stripeflow.workflows.conditions.values import FieldValue
from stripeflow.workflows.conditions.wording import (
    Cause,
    ExpectedInWords,
    Label,
    LabelOf,
    Sentence,
    ValueInWords,
    shortened,
)
from stripeflow.workflows.references import MissingValue, Path, resolve

MAX_LIST_ITEMS = 20
MAX_WRITTEN = 1_000

# A test's value may be two amounts, each with its currency.
_NODE_LEVELS = 3
_SEEN_LEVELS = 1


@dataclass(frozen=True)
class Evaluation:
    """The result of one node. A list test's children are its items, each a group of its own.

    `node` is the node's document without its children; for an item of a list, `{"match", "item"}`.
    `seen` is the value of a test's field, or `MISSING`.
    """

    truth: Truth
    sentence: Sentence
    node: dict[str, Any]
    seen: Any = MISSING
    children: "tuple[Evaluation, ...]" = ()

    @property
    def reason(self) -> str:
        """Why, as a sentence in the active language."""
        return str(self.sentence)

    @property
    def deciding(self) -> "tuple[Evaluation, ...]":
        """The tests and lists that decided this result."""
        if not self.children or "quantifier" in self.node:
            return (self,)
        wanted = self.truth.negated if self.node["match"] == "none" else self.truth
        decisive = (child.deciding for child in self.children if child.truth is wanted)
        return tuple(chain.from_iterable(decisive)) or (self,)

    def to_json(self) -> dict[str, Any]:
        """A small JSON document that a person can read: see docs/conditions.md.

        Values are cut to 200 characters and 20 items, lists to the 20 most telling items; every cut is
        marked.
        """
        return _Writer().written(self)


class _Writer:
    """Writes one tree. Once it has written 1,000 nodes, it leaves out the items of further lists."""

    def __init__(self) -> None:
        self.room = MAX_WRITTEN

    def written(self, evaluation: Evaluation) -> dict[str, Any]:
        self.room -= 1
        document: dict[str, Any] = {"truth": evaluation.truth.value, "reason": evaluation.reason}
        node, was_cut = shortened(evaluation.node, levels=_NODE_LEVELS)
        document["node"] = node
        if evaluation.seen is not MISSING:
            document["seen"], seen_was_cut = shortened(evaluation.seen, levels=_SEEN_LEVELS)
            was_cut = was_cut or seen_was_cut
        if was_cut:
            document["shortened"] = True
        return document | self._children(evaluation)

    def _children(self, evaluation: Evaluation) -> dict[str, Any]:
        chosen = evaluation.children
        if "quantifier" in evaluation.node:
            chosen = _telling(evaluation, max(0, min(MAX_LIST_ITEMS, self.room)))
        left_out = len(evaluation.children) - len(chosen)
        document: dict[str, Any] = {}
        if chosen:
            document["children"] = [self.written(child) for child in chosen]
        if left_out:
            document["left_out"] = left_out
        return document


def _telling(evaluation: Evaluation, count: int) -> tuple[Evaluation, ...]:
    """`count` of the items, in their order; deciding ones take precedence."""
    if len(evaluation.children) <= count:
        return evaluation.children
    wanted = evaluation.truth.negated if evaluation.node["quantifier"] == "none" else evaluation.truth
    places = range(len(evaluation.children))
    ranked = sorted(places, key=lambda place: evaluation.children[place].truth is not wanted)
    return tuple(evaluation.children[place] for place in sorted(ranked[:count]))


_GROUP_REASONS = {
    ("all", Truth.MET): _("Every condition is met."),
    ("all", Truth.NOT_MET): _("At least one condition is not met, and all have to be."),
    ("all", Truth.UNKNOWN): _("At least one condition is unknown, and all have to be met."),
    ("any", Truth.MET): _("At least one condition is met."),
    ("any", Truth.NOT_MET): _("No condition is met, and one has to be."),
    ("any", Truth.UNKNOWN): _("No condition is met, and at least one is unknown."),
    ("none", Truth.MET): _("No condition is met, as it has to be."),
    ("none", Truth.NOT_MET): _("At least one condition is met, and none may be."),
    ("none", Truth.UNKNOWN): _("At least one condition is unknown, and none may be met."),
}


def evaluate(
    compiled: Compiled,
    scope: dict[str, Any],
    *,
    now: datetime,
    previous_attributes: dict[str, Any] | None,
    label_of: LabelOf | None = None,
) -> Evaluation:
    """Judge a condition tree on what a run knows.

    `now` is aware. `previous_attributes` are those of the trigger's event, None if it has none.
    `label_of` gives the names of fields for the reasons. A group without conditions is evaluated only at
    the root; elsewhere it is unknown, like everything that `check` would refuse.
    """
    situation = Situation(scope, now, previous_attributes)
    return _Evaluator(label_of).group(compiled.root, situation)


class _Evaluator:
    def __init__(self, label_of: LabelOf | None) -> None:
        self.label_of = label_of

    def node(self, ready: Ready, situation: Situation) -> Evaluation:
        if isinstance(ready, ReadyTest):
            return self._test(ready, situation)
        if isinstance(ready, ReadyGroup):
            return self.group(ready, situation) if ready.children else _unfinished(ready)
        if isinstance(ready, ReadyList):
            return self._list(ready, situation)
        why = self._why(ready.why, ready.test.field)
        return Evaluation(Truth.UNKNOWN, why, ready.document)

    def group(
        self, group: ReadyGroup, situation: Situation, document: dict[str, Any] | None = None
    ) -> Evaluation:
        children = tuple([self.node(child, situation) for child in group.children])
        truth = combine(group.match, [child.truth for child in children])
        reason = _GROUP_REASONS[group.match, truth] if children else _("There are no conditions.")
        return Evaluation(truth, Sentence(reason), document or group.document, children=children)

    def _list(self, ready: ReadyList, situation: Situation) -> Evaluation:
        node = ready.node
        try:
            items = _items(node, situation)
        except Unfit as unfit:
            return Evaluation(Truth.UNKNOWN, self._why(unfit, node.field), ready.document)
        children = tuple(
            self.group(
                ready.each,
                situation.item(item, (*situation.absolute(node.path), number)),
                {"match": node.match, "item": number},
            )
            for number, item in enumerate(items)
        )
        is_partial = situation.is_partial(node.path)
        truths = [child.truth for child in children]
        label = Label(node.field, self.label_of)
        sentence = _list_reason(label, truths, is_partial=is_partial)
        # The items that Stripe did not send could be anything.
        if is_partial:
            truths.append(Truth.UNKNOWN)
        return Evaluation(quantify(node.quantifier, truths), sentence, ready.document, children=children)

    def _test(self, ready: ReadyTest, situation: Situation) -> Evaluation:
        test = ready.test
        seen: Any = MISSING
        try:
            seen = _seen(ready, situation)
            expected = ready.expected
            if isinstance(expected, FieldValue):
                expected = value_of(expected, test, ready.comparison, situation, self.label_of)
            case = Case(test, ready.values, expected, seen, situation, ready.type, ready.counts)
            truth = ready.operator.judge(case)
        except Unfit as unfit:
            return Evaluation(Truth.UNKNOWN, self._why(unfit, test.field), ready.document, seen)
        if type(truth) is not Truth:
            # Any other answer of an app's operator must not count as met.
            raise TypeError(f"The operator {ready.operator.key!r} answered {truth!r}, which is no Truth.")
        return Evaluation(truth, self._sentence(case, ready, truth), ready.document, seen)

    def _sentence(self, case: Case, ready: ReadyTest, truth: Truth) -> Sentence:
        test, operator, shown = case.test, ready.operator, ready.shown
        values = {
            "field": Label(test.field, self.label_of, ready.comparison.reading),
            "seen": ValueInWords(
                case.seen, shown, test.currency or _currency(test.currency_path, case.situation)
            ),
            "phrase": operator.label if truth is Truth.MET else operator.contrary,
            "value": ready.wanted or self._other(ready, case.expected),
        }
        if operator.asks_earlier and case.earlier is not UNCHANGED:
            before = ValueInWords(case.earlier, shown, case.earlier_currency)
            return Sentence(_AND_BEFORE, {"sentence": Sentence(operator.sentence, values), "before": before})
        return Sentence(operator.sentence, values)

    def _other(self, ready: ReadyTest, held: Any) -> ExpectedInWords:
        """The value of another field, as the value of the test."""
        label = Label(ready.expected.field, self.label_of)
        return ExpectedInWords(held, ready.operator.value_kind, ready.shown, label)

    def _why(self, unfit: Unfit, field: str) -> Sentence:
        values = {
            name: replace(value, label_of=self.label_of) if isinstance(value, Cause) else value
            for name, value in unfit.values.items()
        }
        return Sentence(unfit.why, {"field": Label(field, self.label_of), **values})


_AND_BEFORE = _("{sentence} Before the event it was {before}.")


def _list_reason(label: Label, truths: list[Truth], *, is_partial: bool) -> Sentence:
    reason = _("Items in {field}: {count}. Met by {met}, not met by {not_met}, unknown for {unknown}.")
    numbers = {truth.value: truths.count(truth) for truth in Truth}
    sentence = Sentence(reason, {"field": label, "count": len(truths), **numbers})
    if not is_partial:
        return sentence
    return Sentence(_("{sentence} The list has further items, which did not come."), {"sentence": sentence})


def _unfinished(group: ReadyGroup) -> Evaluation:
    return Evaluation(Truth.UNKNOWN, Sentence(_("There are no conditions.")), group.document)


def _items(node: ListTest, situation: Situation) -> list[Any]:
    if not node.conditions:
        raise Unfit(_("There are no conditions on the items of {field}."))
    if not node.field:
        raise Unfit(_("No field is chosen."))
    seen = _found(node.path, situation.items)
    if not isinstance(seen, list):
        raise Unfit(_("{field} was {seen}, which is not a list."), seen=ValueInWords(seen))
    return seen


def _seen(ready: ReadyTest, situation: Situation) -> Any:
    try:
        return _found(ready.test.path, situation.count if ready.counts else situation.at)
    except MissingField:
        if ready.operator.sees_missing:
            return MISSING
        raise


class MissingField(Unfit):
    """The field is missing."""


def _found(path: Path, at: Callable[[Path], Any]) -> Any:
    try:
        return at(path)
    except MissingValue as error:
        raise MissingField(_("{field} is missing: {why}"), why=Cause(error)) from error


def _currency(path: Path | None, situation: Situation) -> Any:
    """For sentences only: with an unknown currency the amount is a plain number."""
    try:
        return resolve(path, situation.scope) if path else None
    except MissingValue:
        return None
