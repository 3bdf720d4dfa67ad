"""A block that says what it is: settings as an action's inputs, and lanes that each step of it has.

The base of most blocks. A subclass says in `act` what it does; records, form, schema, checks, masking
and dry run follow from what it declares.
"""

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property
from typing import Any, ClassVar

from django.core.exceptions import ImproperlyConfigured
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.base import Action, ActionContext, Outputs
from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.repeat import Repeat
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.definition.kinds import Block
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import BlockPlan, Builder, LanePlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.run_names import value_names
from stripeflow.workflows.definition.schema import step_schema
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop, Wait
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.engine.transitions import end_step, put_off, record_step
from stripeflow.workflows.models import Step, StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.rehearsal.calls import rehearse_inputs
from stripeflow.workflows.rehearsal.results import End, LaneResult, State, StepResult, WayState
from stripeflow.workflows.rehearsal.walking import Walk, not_walked
from stripeflow.workflows.states import RunStatus, StepStatus


class DeclaredBlock(Block):
    """A block with declared settings. It changes nothing outside; only actions do."""

    inputs: ClassVar[tuple[InputField, ...]] = ()
    outputs: ClassVar[Outputs] = Outputs()

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(**options)
        if any(field.secret for field in cls.inputs):
            raise ImproperlyConfigured(f"{cls.__qualname__} has a secret setting; only actions may have one.")

    @abstractmethod
    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        """Where the run goes on. `inputs` are cleaned; `since` is when the step had its first turn.

        It may be called again before its answer is recorded, so it must only read and decide.
        """

    def woken(
        self, plan: BlockPlan, inputs: Json, *, due: datetime, since: datetime, scope: Mapping[str, Any]
    ) -> Answer:
        """Where the run goes on once a `Wait` is over, at `due`: by default, the step is asked again."""
        return self.act(plan, inputs, since=since, scope=scope)

    # The document

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        labels = {lane.key: str(lane.label) for lane in self.new_lanes}
        return tuple(
            Lane(
                own["key"],
                Role.BODY,
                own.get("name") or labels.get(own["key"], ""),
                f"branches/{number}",
                own,
                knows_step=self.gives(step),
            )
            for number, own in enumerate(step.get("branches", ()))
        )

    def title(self, step: Json) -> str:
        return str(self.label)

    def written(self, row: Step) -> Json:
        return {"inputs": row.inputs}

    def schema(self) -> Json:
        lanes: Json = {"type": "array", "maxItems": len(self.new_lanes), "items": {"$ref": "#/$defs/branch"}}
        return step_schema(self.kind, [], inputs={"type": "object"}, branches=lanes)

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        found = [*self._declared_problems(check)]
        yield from found
        # A warning blocks nothing, so it must hide no problem that does.
        if all(problem.is_warning for problem in found):
            yield from self.further_problems(check)

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        """Problems of settings that are each right by themselves. Only asked where they are."""
        yield from ()

    def _declared_problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from check.inputs(self._declaration, check.step.get("inputs", {}))
        known = {lane.key for lane in self.new_lanes}
        for number, lane in enumerate(check.step.get("branches", ())):
            if lane["key"] not in known:
                message = _("The step has no branch with the key “%s”, so its steps would never run.")
                path = f"branches/{number}/key"
                yield check.problem(path, "unknown_branch", message % lane["key"], branch=lane["key"])
            # What comes again is not known any more.
            known.discard(lane["key"])

    def declared(self, step: Json) -> Action | None:
        return self._declaration

    def gives(self, step: Json) -> bool:
        return bool(self.outputs.object or self.outputs.fields)

    def plan(self, step: Json, path: str, builder: Builder) -> BlockPlan:
        inside = tuple(LanePlan(lane.key, lane.role, steps) for lane, steps in builder.inside(step, path))
        return BlockPlan(step["key"], step.get("name", ""), self.kind, step.get("inputs", {}), inside)

    @cached_property
    def _declaration(self) -> Action:
        said = {name: getattr(self, name) for name in ("label", "description", "icon", "inputs", "outputs")}
        return type("Declaration", (_Declaration,), {"key": self.kind, "category": self.label, **said})()

    # The run

    def run(self, plan: BlockPlan, turn: Turn) -> Answer:
        last = turn.record
        record = last if last is not None and last.superseded_at is None else None
        if record is not None and record.state.is_recorded:
            return self._again(plan, turn, record)
        if record is not None and record.due_at is not None and timezone.now() < record.due_at:
            return Wait(record.due_at)
        turn.walk.make_room(plan)
        # A retry waits until the moment that was decided before.
        waited = last if last is not None and last.due_at is not None else record
        since = waited.started_at if waited is not None else timezone.now()
        inputs, answer = self._asked(plan, turn, waited, since)
        _check_recordable(answer)
        made = _record(turn, record, answer, inputs, since)
        turn.keep(made)
        if isinstance(answer, Wait | Stop):
            return answer
        return self._again(plan, turn, made)

    def _asked(
        self, plan: BlockPlan, turn: Turn, waiting: StepRun | None, since: datetime
    ) -> tuple[Json, Answer]:
        names = value_names(turn.walk.plan)
        try:
            # A step that has waited goes on with the inputs that it had before.
            kept = waiting.inputs if waiting is not None else None
            inputs = kept or rendered_inputs(self._declaration, plan.inputs, turn.scope, name_of=names)
        except InputsError as error:
            return {}, Stop(RunStatus.FAILED, error.to_json())
        try:
            cleaned = self._declaration.clean(inputs)
        except InvalidInput as error:
            refused = failure(error.code, str(error), details=error.details)
            return inputs, Stop(RunStatus.FAILED, refused)
        if waiting is not None and waiting.due_at is not None:
            due = waiting.due_at
            if timezone.now() < due:
                return inputs, Wait(due)
            return inputs, self.woken_for(turn, plan, cleaned, due=due, since=since)
        return inputs, self.decided_for(turn, plan, cleaned, since=since)

    def decided_for(self, turn: Turn, plan: BlockPlan, inputs: Json, *, since: datetime) -> Answer:
        """The answer of `act`. For a block whose answer depends on the run."""
        return self.act(plan, inputs, since=since, scope=turn.scope)

    def woken_for(
        self, turn: Turn, plan: BlockPlan, inputs: Json, *, due: datetime, since: datetime
    ) -> Answer:
        """The answer of `woken`. For a block whose answer depends on the run."""
        return self.woken(plan, inputs, due=due, since=since, scope=turn.scope)

    def _again(self, plan: BlockPlan, turn: Turn, record: StepRun) -> Answer:
        """What the recorded outcome says."""
        if record.status == StepStatus.FAILED:
            return Stop(RunStatus.FAILED, record.error)
        if self.gives(plan.head):
            turn.give(record.outputs)
        if not record.branch_key:
            return Next()
        return Enter(plan.lane(record.branch_key))

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rehearse_inputs(walk, step, self._declaration)
        if result.faults:
            walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
            return result
        is_sure = len(step.lanes) == 1
        if len(step.lanes) > 1:
            walk.leave_open()
        lanes = (
            LaneResult(
                lane.key,
                lane.role,
                WayState.TAKEN if is_sure else WayState.POSSIBLE,
                walk.steps(lane.steps) if is_sure else not_walked(lane.steps, State.POSSIBLE),
            )
            for lane in step.lanes
        )
        return replace(result, lanes=tuple(lanes))


def _check_recordable(answer: Answer) -> None:
    """Raise `ValueError` for an answer that another worker could not read from its record."""
    if isinstance(answer, Enter) and (answer.item or answer.instead or answer.again):
        raise ValueError("Of an Enter, only its lane is recorded. A `LoopingBlock` takes one for each item.")


def _record(turn: Turn, waiting: StepRun | None, answer: Answer, inputs: Json, since: datetime) -> StepRun:
    """Record the outcome of the step, or until when it waits. Raises `LostLease`."""
    if isinstance(answer, Wait):
        return _put_off(turn, waiting, answer.due, inputs, since)
    status, columns = recorded(answer)
    columns["finished_at"] = timezone.now()
    if waiting is not None:
        end_step(turn.walk.claim, waiting, status, **columns)
        return waiting
    return _new(turn, inputs, since, status=status, **columns)


def _put_off(turn: Turn, waiting: StepRun | None, due: datetime, inputs: Json, since: datetime) -> StepRun:
    if waiting is None:
        return _new(turn, inputs, since, status=StepStatus.WAITING, due_at=due)
    put_off(turn.walk.claim, waiting, due)
    return waiting


def _new(turn: Turn, inputs: Json, since: datetime, **columns: Any) -> StepRun:
    """Insert a row of the step, in the group behind one that is superseded."""
    group = turn.record.group + 1 if turn.record is not None else 1
    new = turn.new_record(group=group, inputs=sanitize(inputs), started_at=since, **columns)
    record_step(turn.walk.claim, new)
    return new


def recorded(answer: Next | Enter | Stop) -> tuple[StepStatus, Json]:
    """The status of a step with this answer, and the columns that hold it."""
    if isinstance(answer, Stop):
        status = StepStatus.FAILED if answer.status is RunStatus.FAILED else StepStatus.SUCCEEDED
        return status, {"error": sanitize(answer.error)}
    lane = answer.lane.key if isinstance(answer, Enter) else ""
    return StepStatus.SUCCEEDED, {"outputs": sanitize(answer.outputs), "branch_key": lane}


class _Declaration(Action):
    """Wraps the settings of a block as the inputs of an action that is never called."""

    moves_money = False
    destructive = False
    changes_customers = False
    repeat = Repeat.SAFE

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict:
        raise NotImplementedError
