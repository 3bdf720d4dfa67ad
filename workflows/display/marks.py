"""Marks on the canvas: what each card did, would do, or how often it ran."""

from dataclasses import dataclass

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
        """The classes of what bears the mark."""
        return f"sf-marked sf-mark-{self.state}{' sf-lit' if self.is_lit else ''}"

    @property
    def is_lit(self) -> bool:
        """Whether the way goes through here."""
        return self.state in _LIT
