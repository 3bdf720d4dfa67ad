"""The result of evaluating a condition tree, and the small JSON that a run keeps of it."""

from dataclasses import dataclass
from itertools import chain
from typing import Any

from stripeflow.workflows.conditions.missing import MISSING
from stripeflow.workflows.conditions.sentences import Sentence
from stripeflow.workflows.conditions.shortening import shortened
from stripeflow.workflows.conditions.truth import Truth

MAX_LIST_ITEMS = 20
MAX_WRITTEN = 1_000

# A test's value may be two amounts, each with its currency.
_NODE_LEVELS = 3
_SEEN_LEVELS = 1


@dataclass(frozen=True)
class Evaluation:
    """What became of one node. A list test's children are its items, each a group of its own.

    `node` is the node's document without its children; for an item of a list, `{"match", "item"}`.
    `seen` is the value of a test's field, or `MISSING`; it is shortened after a round trip by JSON.
    `is_shortened` and `left_out`, the number of items that were dropped, tell of such a round trip.
    """

    truth: Truth
    sentence: Sentence
    node: dict[str, Any]
    seen: Any = MISSING
    children: "tuple[Evaluation, ...]" = ()
    is_shortened: bool = False
    left_out: int = 0

    @property
    def reason(self) -> str:
        """Why, as a sentence in the active language."""
        return str(self.sentence)

    @property
    def deciding(self) -> "tuple[Evaluation, ...]":
        """The tests and lists that made this outcome what it is."""
        if not self.children or "quantifier" in self.node:
            return (self,)
        wanted = self.truth.negated if self.node["match"] == "none" else self.truth
        decisive = (child.deciding for child in self.children if child.truth is wanted)
        return tuple(chain.from_iterable(decisive)) or (self,)

    def to_json(self) -> dict[str, Any]:
        """A small JSON document that a person can read: see docs/conditions.md.

        Values are cut to 200 characters and 20 items, lists to the 20 items that say most; whatever
        was cut is marked.
        """
        return _Writer().written(self)

    @classmethod
    def from_json(cls, document: dict[str, Any]) -> "Evaluation":
        """What `to_json` wrote. Raises KeyError or ValueError for anything else."""
        return cls(
            truth=Truth(document["truth"]),
            sentence=Sentence(document["reason"]),
            node=document["node"],
            seen=document.get("seen", MISSING),
            children=tuple(cls.from_json(child) for child in document.get("children", ())),
            is_shortened=document.get("shortened", False),
            left_out=document.get("left_out", 0),
        )


class _Writer:
    """Writes one tree. Once it has written 1,000 nodes, it leaves out the items of further lists."""

    def __init__(self) -> None:
        self.room = MAX_WRITTEN

    def written(self, evaluation: Evaluation) -> dict[str, Any]:
        self.room -= 1
        document = {"truth": evaluation.truth.value, "reason": evaluation.reason}
        node, was_cut = shortened(evaluation.node, levels=_NODE_LEVELS)
        document["node"] = node
        if evaluation.seen is not MISSING:
            document["seen"], seen_was_cut = shortened(evaluation.seen, levels=_SEEN_LEVELS)
            was_cut = was_cut or seen_was_cut
        if was_cut or evaluation.is_shortened:
            document["shortened"] = True
        return document | self._children(evaluation)

    def _children(self, evaluation: Evaluation) -> dict[str, Any]:
        chosen = evaluation.children
        if "quantifier" in evaluation.node:
            chosen = _telling(evaluation, max(0, min(MAX_LIST_ITEMS, self.room)))
        left_out = evaluation.left_out + len(evaluation.children) - len(chosen)
        document: dict[str, Any] = {}
        if chosen:
            document["children"] = [self.written(child) for child in chosen]
        if left_out:
            document["left_out"] = left_out
        return document


def _telling(evaluation: Evaluation, count: int) -> tuple[Evaluation, ...]:
    """`count` of the items, in their order: first those that decided, then the others."""
    if len(evaluation.children) <= count:
        return evaluation.children
    wanted = evaluation.truth.negated if evaluation.node["quantifier"] == "none" else evaluation.truth
    places = range(len(evaluation.children))
    ranked = sorted(places, key=lambda place: evaluation.children[place].truth is not wanted)
    return tuple(evaluation.children[place] for place in sorted(ranked[:count]))
