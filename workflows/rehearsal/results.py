"""The result of a dry run: a tree of values with the shape of the plan."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from stripeflow.workflows import conditions
from stripeflow.workflows.definition.lane import Json, Role
from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.rehearsal.samples import Sampled


class State(StrEnum):
    """Whether the run would reach a step, and how it would end there."""

    WOULD_RUN = "would_run"
    WOULD_FAIL = "would_fail"
    # A branch step at which a person would have to choose.
    WOULD_STOP = "would_stop"
    # After a branch that cannot be decided without the outputs of an earlier step, or without a person.
    POSSIBLE = "possible"
    NOT_REACHED = "not_reached"


class WayState(StrEnum):
    """What becomes of one branch of a branch step; `not_needed` after one that was taken."""

    TAKEN = "taken"
    NOT_TAKEN = "not_taken"
    NOT_NEEDED = "not_needed"
    POSSIBLE = "possible"
    NOT_REACHED = "not_reached"


class End(StrEnum):
    """How the run would end; `undecided` if a person chooses, `open` if it depends on what a step gives."""

    DONE = "done"
    # Ended by a step, as succeeded.
    STOPPED = "stopped"
    FAILED = "failed"
    UNDECIDED = "undecided"
    NOT_STARTED = "not_started"
    OPEN = "open"


@dataclass(frozen=True)
class Fault:
    """Why a step would fail, as the engine would record it. `input` is the name of one, or ""."""

    code: str
    message: str
    input: str = ""


@dataclass(frozen=True)
class LaneResult:
    """One list of steps inside a step. `evaluation` is what its conditions said, if they were looked at."""

    key: str
    role: Role
    state: WayState
    steps: "tuple[StepResult, ...]"
    evaluation: conditions.Evaluation | None = None
    depends_on: tuple[str, ...] = ()


@dataclass(frozen=True)
class StepResult:
    """A step: `inputs` as they would be sent, secrets still in them; `action` is None if it has none.

    `unknown_inputs` names inputs whose value is unknown. `depends_on`: the keys of earlier steps whose
    sample outputs are in its inputs. `goes_on_at`: until when the run would wait there;
    `is_wait_open`: it may wait there, and nobody knows until when.
    """

    key: str
    kind: str
    state: State
    lanes: tuple[LaneResult, ...] = ()
    action: str | None = None
    inputs: Json = field(default_factory=dict)
    unknown_inputs: tuple[str, ...] = ()
    faults: tuple[Fault, ...] = ()
    outputs: Sampled | None = None
    depends_on: tuple[str, ...] = ()
    goes_on_at: datetime | None = None
    is_wait_open: bool = False
    # What else there is to say of it, as a sentence without values.
    note: str = ""
    # What the run would wait for, in words. Whether it comes is not evaluated.
    waits_for: tuple[str, ...] = ()

    @property
    def head(self) -> Json:
        """What the definition says of the step, as far as it takes to know its kind."""
        return {"key": self.key, "type": self.kind, "action": self.action or ""}

    @property
    def ways(self) -> tuple[LaneResult, ...]:
        """Its lanes, but the one for its failure."""
        return tuple(lane for lane in self.lanes if lane.role is not Role.ERROR)

    @property
    def error_steps(self) -> "tuple[StepResult, ...]":
        """What would run in place of all that follows, should it fail."""
        return next((lane.steps for lane in self.lanes if lane.role is Role.ERROR), ())


@dataclass(frozen=True)
class Rehearsal:
    """The whole dry run. `trigger` is None if every event starts the workflow.

    `truth` says whether the trigger conditions are met. With `anyway`, the steps were walked even so.
    """

    trigger: conditions.Evaluation | None
    truth: conditions.Truth
    end: End
    steps: tuple[StepResult, ...]
    anyway: bool = False
    # Why the trigger's scope does not take the event.
    refusal: Refusal | None = None

    @property
    def starts(self) -> bool:
        return self.refusal is None and self.truth is conditions.Truth.MET

    def every(self) -> "Iterator[StepResult]":
        """Every step in reading order, reached or not."""
        return _all(self.steps)

    def actions(self) -> "Iterator[StepResult]":
        """Every action step in reading order, reached or not."""
        return (step for step in self.every() if step.action is not None)


def _all(steps: tuple[StepResult, ...]) -> Iterator[StepResult]:
    for step in steps:
        yield step
        for lane in step.lanes:
            yield from _all(lane.steps)
