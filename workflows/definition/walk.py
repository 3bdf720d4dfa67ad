"""Ways through a definition document."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

Json = dict[str, Any]


@dataclass(frozen=True)
class Place:
    """A step of a document: where it stands, and which steps come before it on every path to it."""

    step: Json
    path: str
    before: tuple[Json, ...] = field(default=())


def steps(document: Json) -> Iterator[Place]:
    """Every step in reading order; the steps of a branch come right after their branch step."""
    yield from _steps(document["steps"], "/steps", ())


def _steps(items: list[Json], path: str, before: tuple[Json, ...]) -> Iterator[Place]:
    for index, step in enumerate(items):
        here = f"{path}/{index}"
        yield Place(step, here, before)
        for number, branch in enumerate(step.get("branches", ())):
            yield from _steps(branch["steps"], f"{here}/branches/{number}/steps", before)
        if step["type"] == "action":
            before = (*before, step)
