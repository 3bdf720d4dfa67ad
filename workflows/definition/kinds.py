"""Which kinds of steps there are: the registry of blocks, and what each one says of its steps.

`stripeflow.workflows.blocks` has ours, one module a kind. An installed app may register its own in a
`stripeflow_blocks.py`. Nothing else asks what kind a step is.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, TypeVar

from django.utils.functional import Promise

from stripeflow.actions.base import Action
from stripeflow.workflows.definition.lane import Json, Lane

MAX_KIND = 16


class DuplicateKind(ValueError):
    """Two blocks claim the same kind."""


@dataclass(frozen=True)
class NewLane:
    """A lane that a new step has."""

    key: str
    label: str | Promise = ""
    otherwise: bool = False


class Block(ABC):
    """One kind of step. Holds no state: each method takes the step, as a document has it."""

    kind: ClassVar[str]
    label: ClassVar[str | Promise]
    icon: ClassVar[str] = "action"
    # Whether people choose it as such in the gallery of steps; actions are listed one by one.
    is_listed: ClassVar[bool] = True
    description: ClassVar[str | Promise] = ""
    # The lanes of a new step; with `adds_lanes`, a person may add more, which have conditions.
    new_lanes: ClassVar[tuple[NewLane, ...]] = ()
    adds_lanes: ClassVar[bool] = False
    # Whether lanes that it brings itself may have conditions.
    lanes_may_ask: ClassVar[bool] = False
    # Whether its steps may fail for good: they have retries, and may have an error branch.
    may_fail: ClassVar[bool] = False
    may_duplicate: ClassVar[bool] = True
    # Whether a step that waits asks a person which lane is to be taken.
    asks_person: ClassVar[bool] = False
    # Whether a run always ends with its steps, wherever they stand.
    ends_run: ClassVar[bool] = False
    # Whether what its steps give is what a run comes to, for a run that has started it.
    gives_result: ClassVar[bool] = False
    # Whether its steps run when the run would end as failed, and only then: see `begin`.
    runs_on_failure: ClassVar[bool] = False

    # Whether its steps wait for a time.
    waits: ClassVar[bool] = False
    # Whether a person may end the wait of its steps early, as if the time were over.
    may_wake: ClassVar[bool] = True
    # Whether its steps run their lane once for each item of a list.
    loops: ClassVar[bool] = False
    # Whether its steps may run for several items of a loop at once: they neither wait nor end the run.
    may_run_at_once: ClassVar[bool] = False
    # What people call the state of a step that is not done yet, where it does more than wait; "" for others.
    waiting_label: ClassVar[str | Promise] = ""
    # Whether a step that waits has taken none of its lanes, and will not.
    chooses_lane_at_once: ClassVar[bool] = False

    @property
    def offer(self) -> str:
        """What the gallery of steps calls it."""
        return str(self.label)

    @abstractmethod
    def lanes(self, step: Json) -> tuple[Lane, ...]:
        """The lists of steps inside the step, in reading order."""

    @abstractmethod
    def title(self, step: Json) -> str:
        """What people call a step that has no name of its own."""

    @abstractmethod
    def written(self, row: Any) -> Json:
        """What a document says of the columns of a `Step` row, but for its key, kind and name."""

    def has_error_lane(self, row: Any) -> bool:
        """Whether what a document says of the row has an error branch."""
        return False

    @property
    def has_lanes(self) -> bool:
        """Whether what a document says of a row has branches."""
        return bool(self.new_lanes)

    @abstractmethod
    def schema(self) -> Json:
        """Its part of the JSON schema of a document: see `schema.step_schema`."""

    @abstractmethod
    def plan(self, step: Json, path: str, builder: "Any") -> "Any":
        """The step made ready to run: a `plan.StepPlan`. `builder` plans what is inside it."""

    @abstractmethod
    def run(self, step: Any, turn: Any) -> Any:
        """Run the planned step, or use what is recorded; returns an `engine.frames.Answer`.

        `turn` is an `engine.execution.Turn`. Raises `Stopped` and `LostLease`.
        """

    def begin(self, step: Any, turn: Any, error: Any) -> Any:
        """What a planned step that `runs_on_failure` runs now: an `engine.on_failure.Begun`, or None.

        `error` is why the run would end as failed. Raises `LostLease`.
        """
        return None

    @abstractmethod
    def rehearse(self, step: Any, walk: Any) -> Any:
        """What the planned step would do: a `rehearsal.results.StepResult`. `walk` is the dry run so far."""

    def asks(self, step: Any) -> bool:
        """Whether it would be unknown if the planned step was done, unless it is recorded."""
        return False

    @abstractmethod
    def problems(self, check: Any) -> Iterator[Any]:
        """The problems of a step, as `problems.Problem`; `check` is a `step_check.StepCheck`."""

    def declared(self, step: Json) -> Action | None:
        """What declares the inputs of the step; None if it has none, or its action is not installed."""
        return None

    def moves_money(self, step: Json) -> bool:
        """Whether the step itself may move money."""
        return False

    def is_destructive(self, step: Json) -> bool:
        """Whether the step itself may end or delete what a person cannot bring back."""
        return False

    def changes_customers(self, step: Json) -> bool:
        """Whether the step itself may change what people and other workflows act on."""
        return False

    def writes_to_customers(self, step: Json) -> bool:
        """Whether the step itself may send something to customers."""
        return False

    def only_reads(self, step: Json) -> bool:
        """Whether the step itself changes nothing."""
        return True

    def is_repeatable(self, step: Json) -> bool:
        """Whether the step itself may be repeated after an interruption, and acts once all the same."""
        return True

    def sends_values(self, step: Json) -> bool:
        """Whether the step itself sends values of references elsewhere."""
        return False

    def word(self, step: Json) -> str:
        """What the step is, in a word or two for its card."""
        return str(self.label)

    def icon_of(self, step: Json) -> str:
        """The name of the icon of its card."""
        return self.icon

    def facts(self, step: Json) -> Iterator[tuple[str, str]]:
        """What its card says of the step besides its inputs: each a label and a text."""
        yield from ()

    def runs(self, step: Json) -> Iterator[Json]:
        """The workflows that the step runs, as `other_workflows` names them."""
        yield from ()

    def list_path(self, step: Json) -> str:
        """The path of the list whose items the step's lane runs for; "" where nobody knows it."""
        return ""

    def item_object(self, step: Json) -> str:
        """The catalogue's name of the objects that the step's lane runs for; "" where none is known."""
        return ""

    def retried(self, run: Any, plan: Any, path: str) -> None:  # noqa: B027  most need nothing
        """Do what a person's retry of the failed step at `path` needs besides its next group."""

    def note_input(self, inputs: Json) -> str:
        """The name of the input that a step with these `inputs` adds to its run's history; "" for none."""
        return ""

    def covers(self, step: Any, following: Sequence[Any]) -> frozenset[str]:
        """The keys of later steps that run only as people have approved at this one; both are planned."""
        return frozenset()

    def awaits(self, step: Json) -> Iterator[str]:
        """The types of events that runs wait for at the step."""
        yield from ()

    def seen_in(self, step: Json, lane: Lane) -> Json:
        """The step as conditions and steps inside the lane know it."""
        return step

    def is_missing(self, step: Json) -> bool:
        """Whether it is unknown what the step does."""
        return False

    def gives(self, step: Json) -> bool:
        """Whether later steps may refer to what the step gives."""
        return False


BlockClass = TypeVar("BlockClass", bound=type[Block])

_blocks: dict[str, Block] = {}
# Stands in for all kinds that are not installed.
_missing: list[Block] = []


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
    """The block of a step; for a kind that is not installed, the stand-in that says so."""
    return named(step["type"])


def named(kind: str) -> Block:
    """The block of this kind, or the one that stands for kinds that are not installed."""
    return _blocks.get(kind) or _missing[0]


def asking() -> list[str]:
    """The kinds whose waiting steps ask a person which lane is to be taken."""
    return [block.kind for block in _blocks.values() if block.asks_person]


def all() -> tuple[Block, ...]:  # noqa: A001
    """Every block, in the order of registration."""
    return tuple(_blocks.values())


def stand_in(block: Block) -> None:
    """Let `block` stand for kinds that are not installed."""
    _missing[:] = [block]


@contextmanager
def temporarily(block_class: type[Block]) -> Iterator[Block]:
    """Register a block for the length of a test."""
    register(block_class)
    try:
        yield _blocks[block_class.kind]
    finally:
        del _blocks[block_class.kind]
