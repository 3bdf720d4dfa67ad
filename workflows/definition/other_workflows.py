"""Workflows as a definition names others: by the ID, and by the name that it had when it was chosen.

An ID is of one installation. So what is imported elsewhere may name another workflow than was meant. That
shows by its name, and has to be chosen again.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.workflows.definition.lane import Json

MAX_NAME = 200

REFERENCE: dict[str, Any] = {
    "type": "object",
    "required": ["id", "name"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "integer", "minimum": 1, "maximum": 2**63 - 1},
        "name": {"type": "string", "minLength": 1, "maxLength": MAX_NAME},
    },
}


@dataclass(frozen=True)
class OtherWorkflow:
    """A workflow of this installation. `active` is the document of its active version, if it has one."""

    id: int
    name: str
    is_archived: bool = False
    active: Json | None = None

    @property
    def reference(self) -> Json:
        """How a definition names it."""
        return {"id": self.id, "name": self.name}


# Returns those of these IDs; without any, all that are not archived, by name. None has its document then.
Answer = Callable[[Iterable[int] | None], Iterable[OtherWorkflow]]
_answer: Answer = lambda _ids: ()  # noqa: E731


def set_answer(answer: Answer) -> None:
    """Have `answer` say which workflows there are: a definition itself reads no row."""
    global _answer
    _answer = answer


@dataclass
class Unseen:
    """Whether the definition named others, while it was read for somebody who may not view them."""

    is_asked: bool = False


_unseen: ContextVar[Unseen | None] = ContextVar("stripeflow_unseen_workflows", default=None)


@contextmanager
def unseen() -> Iterator[Unseen]:
    """While it lasts, nothing is said of other workflows: not their names, and not whether there are any."""
    noted = Unseen()
    token = _unseen.set(noted)
    try:
        yield noted
    finally:
        _unseen.reset(token)


def _asked(ids: Iterable[int] | None) -> Iterable[OtherWorkflow]:
    if (noted := _unseen.get()) is None:
        return _answer(ids)
    noted.is_asked = True
    return ()


def choices() -> list[OtherWorkflow]:
    """Those that people may choose, by name."""
    return list(_asked(None))


def found(references: Iterable[Json]) -> dict[int, OtherWorkflow]:
    """The workflows that these references name, by ID; one that is not here has no entry."""
    ids = [one["id"] for one in references]
    return {one.id: one for one in _asked(ids)} if ids else {}


def faults(references: Iterable[Json], label: str) -> Iterator[tuple[int, str, str]]:
    """Which of these references name no workflow of here: the place, a code and a sentence."""
    references = list(references)
    here = found(references)
    if _unseen.get() is not None:
        return
    for number, one in enumerate(references):
        other = here.get(one["id"])
        names = {"label": label, "name": one["name"], "id": one["id"]}
        if other is None:
            message = _("“%(label)s”: there is no workflow “%(name)s” (%(id)d) here. Choose another one.")
            yield number, "workflow_missing", message % names
        elif other.name != one["name"]:
            message = _(
                "“%(label)s”: the workflow %(id)d is called “%(here)s” here, not “%(name)s”. Choose it again "
                "if it is the right one, and save."
            )
            yield number, "workflow_renamed", message % {**names, "here": other.name}
        elif other.is_archived:
            message = _(
                "“%(label)s”: the workflow “%(name)s” is archived. Restore it, or choose another one."
            )
            yield number, "workflow_archived", message % names
