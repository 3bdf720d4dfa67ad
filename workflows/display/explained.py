"""Recorded evaluations of conditions, as lines for people."""

from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.visible import single_line
from stripeflow.workflows import conditions
from stripeflow.workflows.definition.condition_types import Finder
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.display.words import field_label

_MARKS: dict[str, Promise] = {"met": _("Met"), "not_met": _("Not met"), "unknown": _("Unknown")}
_HEADINGS: dict[str, Promise] = {
    "all": _("All of these have to be met"),
    "any": _("At least one of these has to be met"),
    "none": _("None of these may be met"),
}


@dataclass(frozen=True)
class Explained:
    """One line: its mark, a sentence, and the lines below it. `truth` is met, not_met or unknown."""

    truth: str
    text: str
    # Its colour: that of its truth, calm where it decided nothing, wrong where it was met and must not be.
    tone: str = ""
    children: tuple["Explained", ...] = ()
    left_out: int = 0

    @property
    def mark(self) -> Promise:
        return _MARKS[self.truth]


@dataclass(frozen=True)
class Explainer:
    """Turns evaluations, as `Evaluation.to_json` writes them, into lines.

    Without `payloads` the lines say what was asked, and not the values that were seen.
    """

    finder: Finder
    payloads: bool

    def lines(self, document: Json | None) -> tuple[Explained, ...]:
        """The lines of a whole tree; none where nothing was evaluated."""
        if not document:
            return ()
        root = self._line(document)
        is_plain = "match" in document["node"] and "quantifier" not in document["node"]
        # A single condition, or several that all have to be met, need no heading.
        plain = is_plain and (len(root.children) == 1 or document["node"]["match"] == "all")
        return root.children if plain and root.children else (root,)

    def lines_of(self, evaluation: conditions.Evaluation | None) -> tuple[Explained, ...]:
        """The same of an evaluation that is not recorded: as it would be."""
        return self.lines(evaluation.to_json() if evaluation else None)

    def _line(self, document: Json, parent: Json | None = None) -> Explained:
        return Explained(
            truth=document["truth"],
            text=self._text(document),
            tone=_tone(document["truth"], parent),
            children=tuple(self._line(child, document) for child in document.get("children", ())),
            left_out=document.get("left_out", 0),
        )

    def _text(self, document: Json) -> str:
        node = document["node"]
        if "item" in node:
            return _now("Item %d") % (node["item"] + 1)
        if "field" not in node:
            return str(_HEADINGS[node["match"]])
        if self.payloads:
            return single_line(document["reason"])
        return self._asked(node, document.get("children", ()))

    def _asked(self, node: Json, items: Any) -> str:
        """The condition itself. What a list's items had to meet stands with each item."""
        if "quantifier" in node:
            return self._label(node["field"])
        try:
            test = conditions.load({"match": "all", "conditions": [node]})
        except conditions.ConditionError:  # a value that was cut when it was recorded
            return self._label(node["field"])
        return conditions.describe(test, label_of=self._label)

    def _label(self, path: str) -> str:
        return field_label(path, self.finder)


def _tone(truth: str, parent: Json | None) -> str:
    if parent is None:
        return truth
    if parent["truth"] == "met":
        return "met" if truth == "met" else "calm"
    asked = parent["node"].get("quantifier", parent["node"].get("match"))
    return "wrong" if truth == "met" and asked == "none" else truth
