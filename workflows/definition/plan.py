"""A version's document, made ready to run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from stripeflow.workflows import conditions
from stripeflow.workflows.conditions import Compiled, Types
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.cancel_when import CancelEvent, cancel_events
from stripeflow.workflows.definition.caused import takes_caused_events
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, IfUndecided, OnError
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Lane, Role, lanes
from stripeflow.workflows.definition.scope import UNCHOSEN, TriggerScope, scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.undecided import moves_or_destroys


@dataclass(frozen=True)
class LanePlan:
    """One list of steps inside a step."""

    key: str
    role: Role
    steps: "tuple[StepPlan, ...]"


@dataclass(frozen=True)
class StepPlan:
    """One step, whatever its kind."""

    key: str
    name: str

    @property
    def kind(self) -> str:
        """The block that runs it."""
        raise NotImplementedError

    @property
    def lanes(self) -> "tuple[LanePlan | WayPlan, ...]":
        """The lists of steps inside it, in reading order."""
        return ()

    @property
    def as_platform(self) -> bool:
        """Whether it acts as our own account, whatever account the event is of."""
        return False

    @property
    def handles_failure(self) -> bool:
        """Whether a run goes on once the step has failed."""
        return False

    @property
    def head(self) -> Json:
        """What a document says of it, as far as it takes to name it."""
        return {"key": self.key, "type": self.kind, "name": self.name}

    def lane(self, key: str) -> "LanePlan | WayPlan":
        """The lane of this key. Raises `KeyError`."""
        return {lane.key: lane for lane in self.lanes}[key]


@dataclass(frozen=True)
class ActionPlan(StepPlan):
    action: str
    inputs: dict[str, Any]
    on_error: str
    # Whether it acts as our own account, whatever account the event is of.
    as_platform: bool = False
    # What its retry policy has of its own.
    retry: dict[str, Any] = field(default_factory=dict)
    # What runs in place of all that would follow, once it has failed.
    error_steps: tuple[StepPlan, ...] = ()

    @property
    def kind(self) -> str:
        return "action"

    @property
    def lanes(self) -> tuple[LanePlan, ...]:
        return (LanePlan(ERROR_BRANCH_KEY, Role.ERROR, self.error_steps),) if self.error_steps else ()

    @property
    def handles_failure(self) -> bool:
        """Whether a run goes on once the step has failed: with the next step, or with `error_steps`."""
        return self.on_error != OnError.STOP

    @property
    def head(self) -> Json:
        return {**super().head, "action": self.action}


@dataclass(frozen=True)
class WayPlan:
    """One branch of a branch step; `conditions` is None for "All other cases".

    `if_unknown`: what the step does if these are the first conditions that are unknown.
    """

    key: str
    name: str
    conditions: conditions.Compiled | None
    steps: tuple[StepPlan, ...]
    if_unknown: IfUndecided = IfUndecided.STOP

    @property
    def role(self) -> Role:
        return Role.OTHERWISE if self.conditions is None else Role.CONDITION


@dataclass(frozen=True)
class BranchPlan(StepPlan):
    ways: tuple[WayPlan, ...]

    @property
    def kind(self) -> str:
        return "branch"

    @property
    def lanes(self) -> tuple[WayPlan, ...]:
        return self.ways

    @property
    def otherwise(self) -> WayPlan | None:
        """ "All other cases"."""
        return next((way for way in self.ways if way.conditions is None), None)


@dataclass(frozen=True)
class BlockPlan(StepPlan):
    """A step of any other kind: its settings, and the lists of steps inside it."""

    block: str
    inputs: dict[str, Any] = field(default_factory=dict)
    inside: tuple[LanePlan, ...] = ()

    @property
    def kind(self) -> str:
        return self.block

    @property
    def lanes(self) -> tuple[LanePlan, ...]:
        return self.inside

    @property
    def head(self) -> Json:
        # What a step gives may follow from its settings.
        return {**super().head, "inputs": self.inputs}


@dataclass(frozen=True)
class Plan:
    """A whole version: what its trigger takes, its conditions (None: all match), the steps."""

    trigger: TriggerPlan
    conditions: conditions.Compiled | None
    steps: tuple[StepPlan, ...]
    scope: TriggerScope = UNCHOSEN
    # Whether events that calls of workflows have caused start it.
    takes_caused: bool = True
    # What ends its runs, whichever step they are at.
    cancel_when: tuple[CancelEvent, ...] = ()
    # The conditions on these events, by their lanes; without any, each such event ends a run.
    cancel_asked: Mapping[str, Compiled] = field(default_factory=dict)
    # Whether a step moves money or destroys something.
    is_grave: bool = False

    @cached_property
    def covering(self) -> dict[str, tuple[str, ...]]:
        """The keys of the approvals that cover a step, by its key; steps without one are left out."""
        found: dict[str, list[str]] = {}
        apart = (self.on_failure,) if self.on_failure is not None else ()
        for step, following in (*_with_following(self.main, ()), *_with_following(apart, ())):
            for key in kinds.named(step.kind).covers(step, following):
                found.setdefault(key, []).append(step.key)
        return {key: tuple(approvals) for key, approvals in found.items()}

    @cached_property
    def main(self) -> tuple[StepPlan, ...]:
        """The steps that a run walks as long as nothing fails."""
        return tuple(step for step in self.steps if not kinds.of(step.head).runs_on_failure)

    @cached_property
    def on_failure(self) -> StepPlan | None:
        """The step whose steps run when a run would end as failed."""
        return next((step for step in self.steps if kinds.of(step.head).runs_on_failure), None)

    def step(self, key: str) -> StepPlan | None:
        """The step with this key, in whatever lane it stands; None if there is none."""
        return next((step for step in steps_of(self.steps) if step.key == key), None)


def steps_of(steps: tuple[StepPlan, ...]) -> Iterator[StepPlan]:
    """These steps and all inside them, in reading order."""
    for step in steps:
        yield step
        for lane in step.lanes:
            yield from steps_of(lane.steps)


def _with_following(
    steps: tuple[StepPlan, ...], behind: tuple[StepPlan, ...]
) -> Iterator[tuple[StepPlan, tuple[StepPlan, ...]]]:
    """Each step, with those that follow it in its own list and in those around it, up to its loop."""
    for number, step in enumerate(steps):
        following = (*steps[number + 1 :], *behind)
        yield step, following
        for lane in step.lanes:
            is_apart = lane.role.ends_run or kinds.of(step.head).loops
            yield from _with_following(lane.steps, () if is_apart else following)


def build(document: Json, types: Types) -> Plan:
    """The plan of a document whose conditions are judged by `types`. Raises `ConditionError`."""
    trigger = document["trigger"]
    builder = Builder(types)
    asked = trigger.get("conditions")
    group = builder.group(asked, "/trigger/conditions") if asked and asked["conditions"] else None
    return Plan(
        TriggerPlan.of(trigger),
        group,
        builder.steps(document["steps"], "/steps"),
        scope_of(trigger),
        takes_caused_events(document),
        cancel_events(trigger),
        {
            one.lane: builder.group(one.conditions, f"{one.path}/conditions")
            for one in cancel_events(trigger)
            if one.conditions
        },
        moves_or_destroys(document["steps"]),
    )


@dataclass(frozen=True)
class Builder:
    """Plans steps and conditions, at their places in the document: JSON pointers."""

    types: Types

    def steps(self, steps: list[Json], path: str) -> tuple[StepPlan, ...]:
        return tuple(kinds.of(step).plan(step, f"{path}/{index}", self) for index, step in enumerate(steps))

    def inside(self, step: Json, path: str) -> list[tuple[Lane, tuple[StepPlan, ...]]]:
        """The lanes of a step at `path`, each with its planned steps."""
        return [(lane, self.steps(lane.steps, f"{path}/{lane.path}/steps")) for lane in lanes(step)]

    def group(self, group: Json, path: str) -> conditions.Compiled:
        """Planned conditions."""
        return conditions.compile(group, self.types, at=path)
