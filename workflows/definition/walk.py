"""Ways through a definition document."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.lanes import lanes


@dataclass(frozen=True, eq=False, slots=True)
class Earlier:
    """Steps in reading order, as a linked list: places share what comes before, and copy nothing."""

    last: Json | None = None
    rest: "Earlier | None" = None

    def __iter__(self) -> Iterator[Json]:
        found: list[Json] = []
        link: Earlier | None = self
        while link is not None and link.last is not None:
            found.append(link.last)
            link = link.rest
        return reversed(found)

    def then(self, step: Json) -> "Earlier":
        """These, and `step` behind them."""
        return Earlier(step, self)


@dataclass(frozen=True)
class Place:
    """A step of a document: where it stands, and which steps come before it on every path to it.

    `inside` are the steps that it stands in, the outermost first, each with the lane. It is number `number`
    of its `level`.
    """

    step: Json
    path: str
    before: Earlier = field(default_factory=Earlier)
    inside: tuple[tuple[Json, Lane], ...] = field(default=())
    whole: "Whole | None" = None
    level: Sequence[Json] = ()
    number: int = 0

    @property
    def behind(self) -> Sequence[Json]:
        """The steps that follow it in its list."""
        return self.level[self.number + 1 :]

    @property
    def failed(self) -> tuple[Json, ...]:
        """The steps whose error branches it is in: these have an error, and no outputs."""
        return tuple(step for step, lane in self.inside if lane.role is Role.ERROR)

    @property
    def loops(self) -> tuple[Json, ...]:
        """The loops that it stands in, the outermost first."""
        return tuple(step for step, _lane in self.inside if kinds.of(step).loops)


@dataclass(frozen=True)
class Whole:
    """A whole document, with the deleted steps that something in it still refers to."""

    document: Json
    deleted: tuple[Json, ...] = ()

    def step(self, key: str) -> Json | None:
        """The step of this key, wherever it stands."""
        return self._by_key.get(key)

    @cached_property
    def _by_key(self) -> dict[str, Json]:
        return first_by_key(place.step for place in steps(self.document))


def steps(document: Json, deleted: tuple[Json, ...] = ()) -> Iterator[Place]:
    """Every step in reading order; the steps of a branch come right after the step that has it.

    `deleted` are steps that the document had before, so that what still refers to them can name them.
    """
    yield from _steps(document["steps"], "/steps", Earlier(), (), Whole(document, deleted))


def first_by_key(steps: Iterable[Json]) -> dict[str, Json]:
    """These steps by their keys; of several with one key the first."""
    found: dict[str, Json] = {}
    for step in steps:
        found.setdefault(step["key"], step)
    return found


def _steps(
    items: list[Json], path: str, before: Earlier, inside: tuple[tuple[Json, Lane], ...], whole: Whole
) -> Iterator[Place]:
    for index, step in enumerate(items):
        here = f"{path}/{index}"
        yield Place(step, here, before, inside, whole, items, index)
        for lane in lanes(step):
            known = before if lane.knows_before else Earlier()
            if lane.knows_step:
                known = known.then(kinds.of(step).seen_in(step, lane))
            yield from _steps(lane.steps, f"{here}/{lane.path}/steps", known, (*inside, (step, lane)), whole)
        if kinds.of(step).gives(step):
            before = before.then(step)
