"""The cards of a workflow: one tree for editor, run, dry run, counts, versions and templates.

What a run did, or how often it ran, is laid over them: see `marks`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lanes import Role
from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.display.marks import Mark
from stripeflow.workflows.display.words import Line


@dataclass(frozen=True)
class TriggerCard:
    pk: int | None
    is_chosen: bool
    label: str
    category: str
    icon: str
    sentence: str
    problems: Problems
    scope: str = ""
    is_scope_chosen: bool = True
    takes_caused: bool = True
    # What ends its runs: "Invoice paid, same customer".
    cancels: tuple[str, ...] = ()
    mark: Mark | None = None


@dataclass(frozen=True)
class Way:
    """One list of steps inside a step, such as a branch. `sentence` says its conditions, if any.

    `label` names one without a name; `details` are those of `Marks`.
    """

    pk: int | None
    key: str
    role: Role
    name: str
    label: str
    sentence: str
    problems: Problems
    cards: tuple["Card", ...]
    mark: Mark | None = None
    details: Any = None
    # What stands before its conditions, which it may do without.
    heading: str = ""
    may_ask: bool = False

    @property
    def title(self) -> str:
        """The branch as people know it."""
        return self.name or self.heading or self.sentence or self.label

    @property
    def otherwise(self) -> bool:
        return self.role is Role.OTHERWISE

    @property
    def has_conditions(self) -> bool:
        return self.may_ask or self.role is Role.CONDITION

    @property
    def on_error(self) -> bool:
        return self.role is Role.ERROR

    @property
    def ends_run(self) -> bool:
        """Whether it runs in place of all that follows, so that it stands beside the way on."""
        return self.role.ends_run

    @property
    def titles(self) -> list[str]:
        """The titles of its steps."""
        return [card.title for card in self.cards]

    @property
    def columns(self) -> int:
        """How many cards stand side by side at most."""
        return widest(self.cards)


@dataclass(frozen=True)
class Card:
    """One step. `label` says what it is, in a few words; `details` are those of `Marks`."""

    pk: int | None
    key: str
    kind: str
    title: str
    label: str
    icon: str
    missing: bool
    moves_money: bool
    goes_on: bool
    retry: str
    as_platform: bool
    lines: tuple[Line, ...]
    problems: Problems
    ways: tuple[Way, ...]
    position: int
    is_last: bool
    mark: Mark | None = None
    details: Any = None
    # How many runs wait there, as a sentence, and where they are listed.
    waits: str = ""
    waits_url: str = ""

    @property
    def block(self) -> kinds.Block:
        """What is said of all steps of this kind."""
        return kinds.named(self.kind)

    @property
    def after(self) -> int:
        """The position of a new step behind it."""
        return self.position + 1

    @property
    def inside(self) -> tuple[Way, ...]:
        """Its ways that lie below it."""
        return tuple(way for way in self.ways if not way.ends_run)

    @property
    def failing(self) -> tuple[Way, ...]:
        """Its ways that lie beside it, for what happens if it fails."""
        return tuple(way for way in self.ways if way.ends_run)

    @property
    def chooses(self) -> bool:
        """Whether it takes one of its ways. Then its success alone tells nothing."""
        return any(way.role in (Role.CONDITION, Role.OTHERWISE) for way in self.ways)

    @property
    def columns(self) -> int:
        """How many cards stand side by side at most. Its other side keeps as much room free."""
        inside = sum(way.columns for way in self.inside)
        return max(1, inside) + 2 * sum(way.columns for way in self.failing)


@dataclass(frozen=True)
class Outline:
    trigger: TriggerCard
    cards: tuple[Card, ...]
    problems: Problems

    @property
    def columns(self) -> int:
        """How many cards stand side by side at most."""
        return widest(self.cards)

    def all(self) -> Iterator[Card]:
        """Every card in reading order."""
        return _all(self.cards)


def widest(cards: Iterable[Card]) -> int:
    """How many columns the widest of these cards takes."""
    return max((card.columns for card in cards), default=1)


def _all(cards: Iterable[Card]) -> Iterator[Card]:
    for card in cards:
        yield card
        for way in card.ways:
            yield from _all(way.cards)
