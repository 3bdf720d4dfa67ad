"""Which kinds of steps there are: the registry of blocks, and what each one says of its steps.

`stripeflow.workflows.blocks` has ours, one module a kind. An installed app may register its own in a
`stripeflow_blocks.py`. Nothing else asks what kind a step is.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, ClassVar, TypeVar

from stripeflow.workflows.definition.lane import Json, Lane

MAX_KIND = 16


class UnknownKind(LookupError):
    """No block of this kind is registered."""


class DuplicateKind(ValueError):
    """Two blocks claim the same kind."""


class Block(ABC):
    """One kind of step. Holds no state: each method takes the step, as a document has it."""

    kind: ClassVar[str]

    @abstractmethod
    def lanes(self, step: Json) -> tuple[Lane, ...]:
        """The lists of steps inside the step, in reading order."""

    @abstractmethod
    def title(self, step: Json) -> str:
        """What people call a step that has no name of its own."""

    @abstractmethod
    def plan(self, step: Json, path: str, builder: "Any") -> "Any":
        """The step made ready to run: a `plan.StepPlan`. `builder` plans what is inside it."""

    @abstractmethod
    def run(self, step: Any, turn: Any) -> Any:
        """Run the planned step, or use what is recorded; returns an `engine.frames.Answer`.

        `turn` is an `engine.execution.Turn`. Raises `Stopped` and `LostLease`.
        """

    @abstractmethod
    def rehearse(self, step: Any, walk: Any) -> Any:
        """What the planned step would do: a `rehearsal.tried.StepTried`. `walk` is the rehearsal so far."""

    def asks(self, step: Any) -> bool:
        """Whether nobody could tell if the planned step was done, unless it is recorded."""
        return False

    def gives(self, step: Json) -> bool:
        """Whether later steps may refer to what the step gives."""
        return False


BlockClass = TypeVar("BlockClass", bound=type[Block])

_blocks: dict[str, Block] = {}


def register(block_class: BlockClass) -> BlockClass:
    """Register a block; for use as a decorator. Raises `DuplicateKind`, or ValueError if it does not fit."""
    kind = block_class.kind
    if not 0 < len(kind) <= MAX_KIND:
        raise ValueError(f"A kind has 1 to {MAX_KIND} characters: {kind!r}.")
    if kind in _blocks:
        other = type(_blocks[kind]).__qualname__
        raise DuplicateKind(f"{block_class.__qualname__} and {other} share the kind {kind!r}.")
    _blocks[kind] = block_class()
    return block_class


def find(kind: str) -> Block | None:
    """The block of this kind; None if it is not installed."""
    return _blocks.get(kind)


def of(step: Json) -> Block:
    """The block of a step. Raises `UnknownKind`, with a sentence that names the step."""
    found = find(step["type"])
    if found is None:
        named = step.get("name") or step["key"]
        raise UnknownKind(f"The step “{named}” is of the kind “{step['type']}”, which is not installed.")
    return found


def all() -> tuple[Block, ...]:  # noqa: A001
    """Every block, in the order of registration."""
    return tuple(_blocks.values())


@contextmanager
def temporarily(block_class: type[Block]) -> Iterator[Block]:
    """Register a block for the length of a test."""
    register(block_class)
    try:
        yield _blocks[block_class.kind]
    finally:
        del _blocks[block_class.kind]
