"""Marks on the canvas: what each card did, would do, or how often it ran."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from stripeflow.workflows.display.values import Values

# States of cards and branches on the way that was, or would be, taken.
_LIT = frozenset(
    {
        "succeeded",
        "failed",
        "started",
        "waiting",
        "outcome_unknown",
        "taken",
        "would_run",
        "would_fail",
        "would_stop",
        "met",
        "counted",
    }
)


@dataclass(frozen=True)
class Note:
    """One line on a card: a value with its label, or a sentence with none. `tone` colours it."""

    text: str
    label: str = ""
    tone: str = ""


def value_notes(values: Values, most: int) -> Iterator[Note]:
    """The first values as notes, as many as a card has room for."""
    for row in values.rows[:most]:
        if text := row.one_line:
            yield Note(text, row.label)


@dataclass(frozen=True)
class Mark:
    """`state` gives the colour, `label` the words, with `aside` beside them, such as how long it took.

    `anchor` is the id of the details on the same page.
    """

    state: str
    label: str = ""
    notes: tuple[Note, ...] = ()
    anchor: str = ""
    aside: str = ""

    @property
    def css(self) -> str:
        """The CSS classes of the marked element."""
        return f"sf-marked sf-mark-{self.state}{' sf-lit' if self.is_lit else ''}"

    @property
    def is_lit(self) -> bool:
        """Whether the run took this way, or would take it."""
        return self.state in _LIT


@dataclass(frozen=True)
class Marks:
    """What is laid over one tree of cards: steps are found by key, branches by step and key.

    `others` marks the rest. The details are what a page says beside the canvas, and differ by page.
    """

    trigger: Mark
    others: Mark
    steps: Mapping[str, Mark] = field(default_factory=dict)
    ways: Mapping[tuple[str, str], Mark] = field(default_factory=dict)
    step_details: Mapping[str, Any] = field(default_factory=dict)
    way_details: Mapping[tuple[str, str], Any] = field(default_factory=dict)

    def step(self, key: str) -> Mark:
        """The mark of a step."""
        return self.steps.get(key, self.others)

    def way(self, step: str, key: str) -> Mark:
        """The mark of a branch."""
        return self.ways.get((step, key), self.others)
