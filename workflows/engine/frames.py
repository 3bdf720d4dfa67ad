"""Where a walk is: a stack of frames, one for each open list of steps. And what a block answers."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from stripeflow.workflows.definition.plan import LanePlan, StepPlan, WayPlan
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import Failure
from stripeflow.workflows.references import Scope
from stripeflow.workflows.states import RunStatus


@dataclass(frozen=True)
class Item:
    """One item of a list that a lane runs for.

    Its number, from 0, its value, and its `key`: what the paths of its steps carry, by default the number.
    A step that fails inside ends the item, and not the run.
    """

    number: int
    value: Any
    key: str = ""


@dataclass(frozen=True)
class Next:
    """Go on behind the step. Later steps may refer to `outputs`."""

    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Enter:
    """Run the steps of `lane`, then those behind the step; with `instead`, only the lane.

    With an `item`, paths of steps carry its key, and references see it as `item`. With `again`, the step
    has its turn again behind the lane, in the next round.
    """

    lane: LanePlan | WayPlan
    item: Item | None = None
    instead: bool = False
    again: bool = False
    outputs: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Wait:
    """Leave the run until `due`; then the step is called again.

    `left` is called once the run is left: what it waits for may have come while it was still under way.
    """

    due: datetime
    left: Callable[[], None] | None = None


@dataclass(frozen=True)
class Stop:
    """Leave the run in `status`, with an error that says why, and other columns of the run."""

    status: RunStatus
    error: Failure | None
    columns: dict[str, Any] = field(default_factory=dict)


Answer = Next | Enter | Wait | Stop


@dataclass
class Frame:
    """One list of steps, the position of the walk in it, and what its steps know."""

    steps: tuple[StepPlan, ...]
    scope: Scope
    # Whether the run ends with the last of them.
    are_last: bool = True
    # What the paths of its steps begin with: "each_line/3/".
    prefix: str = ""
    # The recorded rows of its steps by their paths. Lanes share them; each item of a loop has its own.
    records: dict[str, StepRun] = field(default_factory=dict)
    # The frame of the loop that the steps are in; None outside of loops.
    loop: "Frame | None" = None
    index: int = 0
    # What the step whose turn it is keeps from one of its turns to the next.
    kept: Any = None
    # Why the item failed that the step's last turn led to; None if it did not.
    item_error: Failure | None = None

    @property
    def is_done(self) -> bool:
        return self.index == len(self.steps)

    @property
    def is_at_end(self) -> bool:
        """Whether the run ends with the step that was taken last."""
        return self.are_last and self.is_done

    def take(self) -> StepPlan:
        """The step whose turn it is."""
        self.index += 1
        return self.steps[self.index - 1]

    def follow(self, answer: Answer) -> None:
        """Let the step that was taken last have its turn again, if that is its answer."""
        self.item_error = None
        if isinstance(answer, Enter) and answer.again:
            self.index -= 1
        else:
            self.kept = None

    def path_of(self, step: StepPlan) -> str:
        """The path that finds the records of a step."""
        return self.prefix + step.key

    def within(self, step: StepPlan, answer: Enter) -> "Frame":
        """The frame of a lane of `step`. That of an item has no records yet."""
        item = answer.item
        if item is not None:
            prefix = f"{self.path_of(step)}/{item.key or item.number}/"
            scope = self.scope.with_item(item.value)
            return Frame(answer.lane.steps, scope, are_last=False, prefix=prefix, loop=self)
        # A lane that runs instead of all that follows ends the run, or else its item.
        are_last = (answer.instead and self.loop is None) or self.is_at_end
        return Frame(answer.lane.steps, self.scope, are_last, self.prefix, self.records, self.loop)
