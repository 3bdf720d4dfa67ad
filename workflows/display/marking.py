"""Putting marks onto an outline."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from stripeflow.workflows.definition.problems import Problems
from stripeflow.workflows.display.marks import Mark
from stripeflow.workflows.display.outline import Outline, StepCard, Way


@dataclass(frozen=True)
class Marks:
    """The marks of one canvas: of steps by key, of branches by step and key; `others` for the rest."""

    trigger: Mark
    others: Mark
    steps: Mapping[str, Mark] = field(default_factory=dict)
    ways: Mapping[tuple[str, str], Mark] = field(default_factory=dict)


def marked(outline: Outline, marks: Marks) -> Outline:
    """The same cards with their marks, in place of the summaries of their inputs and of problems."""
    return Outline(
        trigger=replace(outline.trigger, mark=marks.trigger, problems=Problems()),
        cards=_cards(outline.cards, marks),
        problems=outline.problems,
    )


def _cards(cards: tuple[StepCard, ...], marks: Marks) -> tuple[StepCard, ...]:
    return tuple(_card(card, marks) for card in cards)


def _card(card: StepCard, marks: Marks) -> StepCard:
    mark = marks.steps.get(card.key, marks.others)
    ways = tuple(_way(card, way, marks) for way in card.ways)
    return replace(card, mark=mark, lines=(), problems=Problems(), ways=ways)


def _way(card: StepCard, way: Way, marks: Marks) -> Way:
    mark = marks.ways.get((card.key, way.key), marks.others)
    return replace(way, mark=mark, problems=Problems(), cards=_cards(way.cards, marks))
