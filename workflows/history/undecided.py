"""The branch step of an undecided run, with what helps a person to choose."""

from dataclasses import dataclass

from stripeflow.workflows.display.explained import Explained
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.operations.choosing import choice_of


@dataclass(frozen=True)
class Option:
    """One branch to choose: its title, what its conditions saw, and whether it moves money or destroys."""

    key: str
    title: str
    is_grave: bool
    lines: tuple[Explained, ...]


@dataclass(frozen=True)
class Undecided:
    title: str
    options: tuple[Option, ...]


def undecided_of(page: RunPage) -> Undecided | None:
    """What the run asks, or None if it is not undecided."""
    choice = choice_of(page.run)
    if choice is None:
        return None
    seen, step = page.path.ways, choice.record.step_key
    options = (Option(way.key, way.title, way.is_grave, seen[step, way.key].lines) for way in choice.ways)
    return Undecided(choice.title, tuple(options))
