"""A step that runs another workflow, which starts on demand, and may wait for its end."""

from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from copy import copy
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import Action, OutputField, Outputs
from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.inputs import BooleanInput
from stripeflow.actions.inputs.references import holds_reference
from stripeflow.actions.wording import worded
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.blocks.child.inputs import ChildValuesInput, WorkflowInput, reference_in
from stripeflow.workflows.blocks.child.starting import Call, mapped, started
from stripeflow.workflows.definition import kinds, other_workflows
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.definition.on_demand.setting import declared_in
from stripeflow.workflows.definition.on_demand.trigger import OnDemand
from stripeflow.workflows.definition.other_workflows import OtherWorkflow
from stripeflow.workflows.definition.plan import BlockPlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.run_names import value_names
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.engine import children
from stripeflow.workflows.engine.attempt import key_of
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Next, Stop, Wait
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.engine.transitions import end_step, record_step
from stripeflow.workflows.limits.gates import ALL, GateClosed
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.failures import Failure, failure, held, public_sentence
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, State, StepResult
from stripeflow.workflows.rehearsal.walking import Walk, not_walked_lane
from stripeflow.workflows.states import RunStatus, StepStatus

FAILED = "failed"
# The end of the other run wakes this one. In case that got lost, it looks by itself: after as long as it has
# waited, within these.
SOONEST, LATEST = timedelta(minutes=1), timedelta(hours=1)
_seen: ContextVar[frozenset[int]] = ContextVar("workflows_looked_into", default=frozenset())


class RunWorkflowBlock(DeclaredBlock):
    """Its row is written before the other run starts, whose identity follows from it: a crash doubles none.

    Both runs have the same mode and account. The other one is of the version that is active then.
    """

    kind = "run_workflow"
    label = gettext_lazy("Run another workflow")
    icon = "play"
    description = gettext_lazy("Start a workflow that runs on demand, and go on when it is done, or at once.")
    waits = True
    may_wake = False
    chooses_lane_at_once = True
    new_lanes = (NewLane(FAILED, gettext_lazy("If it fails or is canceled")),)
    inputs = (
        WorkflowInput(
            "workflow",
            label=gettext_lazy("Workflow"),
            help_text=gettext_lazy("Its trigger has to be “On demand”. Its active version runs."),
            required=True,
        ),
        ChildValuesInput(
            "values",
            label=gettext_lazy("Values for its inputs"),
            help_text=gettext_lazy(
                "One row for each input, by its name. An amount needs a second row for its currency: "
                "“refund” and “refund_currency”."
            ),
        ),
        BooleanInput(
            "wait",
            label=gettext_lazy("Wait for its end"),
            help_text=gettext_lazy("If not, the run goes on at once, whatever becomes of the other one."),
            default=True,
            references=False,
        ),
    )
    outputs = Outputs(
        fields=(
            OutputField("run", gettext_lazy("Run ID"), "string"),
            OutputField("workflow", gettext_lazy("Workflow"), "string"),
            OutputField("version", gettext_lazy("Version"), "integer"),
            OutputField("status", gettext_lazy("Status"), "string"),
            OutputField("error", gettext_lazy("Error"), "string"),
            OutputField("values", gettext_lazy("Values that it has set"), "object"),
        )
    )

    # The document

    def title(self, step: Json) -> str:
        named = _named(step)
        return _("Run “%s”") % named["name"] if named else str(self.label)

    def runs(self, step: Json) -> Iterator[Json]:
        if (named := _named(step)) is not None:
            yield named

    def declared(self, step: Json) -> Action:
        declaration = copy(self._declaration)
        declaration.moves_money = self.moves_money(step)  # type: ignore[misc]  # of this step, not of its kind
        return declaration

    def moves_money(self, step: Json) -> bool:
        return _any(step, lambda block, inside: block.moves_money(inside))

    def is_destructive(self, step: Json) -> bool:
        return _any(step, lambda block, inside: block.is_destructive(inside))

    def changes_customers(self, step: Json) -> bool:
        return _any(step, lambda block, inside: block.changes_customers(inside))

    def writes_to_customers(self, step: Json) -> bool:
        return _any(step, lambda block, inside: block.writes_to_customers(inside))

    def only_reads(self, step: Json) -> bool:
        return False

    def sends_values(self, step: Json) -> bool:
        return True

    def asks(self, step: BlockPlan) -> bool:
        # A backup may have lost the other run, and with it what that has sent.
        return True

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        inputs = check.step["inputs"]
        for other in _others(check.step):
            for name, code, message in _faults(other, inputs.get("values") or []):
                yield check.problem(f"inputs/{name}", code, message, field=name)

    # The run

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        # Of no run in particular, no other one starts.
        return Next()

    def run(self, plan: BlockPlan, turn: Turn) -> Answer:
        last = turn.record
        record = last if last is not None and last.superseded_at is None else None
        if record is not None and record.state.is_recorded:
            return self._again(plan, turn, record)
        turn.walk.make_room(plan)
        if record is None:
            begun = self._begun(plan, turn)
            if not isinstance(begun, StepRun):
                return begun
            record = begun
        return self._looked(plan, turn, record)

    def _begun(self, plan: BlockPlan, turn: Turn) -> StepRun | Answer:
        """Write what is to be started, before it is. Raises `LostLease`."""
        names, now = value_names(turn.walk.plan), timezone.now()
        group = turn.record.group + 1 if turn.record is not None else 1
        inputs: Json = {}
        error: Failure | None = None
        try:
            inputs = rendered_inputs(self._declaration, plan.inputs, turn.scope, name_of=names)
            self._declaration.clean(inputs)
        except InputsError as refused:
            error = refused.to_json()
        except InvalidInput as refused:
            error = failure(refused.code, str(refused), details=refused.details)
        record = turn.new_record(group=group, inputs=sanitize(inputs), started_at=now)
        record.idempotency_key = children.key_that_goes_on(turn.record) or key_of(record)
        record.status = StepStatus.FAILED if error else StepStatus.WAITING
        if error:
            record.error, record.finished_at = sanitize(error), now
        try:
            record_step(turn.walk.claim, record, gates=ALL)
        except GateClosed as closed:
            return Stop(RunStatus.HELD, held(closed.reason.label), {"held_reason": closed.reason})
        turn.keep(record)
        return Stop(RunStatus.FAILED, error) if error else record

    def _looked(self, plan: BlockPlan, turn: Turn, record: StepRun) -> Answer:
        """Start the other run, or find it; then go on, or wait for its end."""
        inputs = self._declaration.clean(record.inputs or {})
        values = {row["input"]: row["value"] for row in inputs["values"]}
        named = reference_in(inputs["workflow"]) or {}
        child = started(Call(turn.walk.run, named, values, record.idempotency_key), turn.walk.claim)
        if not isinstance(child, Run):
            return self._end(plan, turn, record, child, None)
        if inputs["wait"] is False:
            return self._end(plan, turn, record, None, _given(child))
        if child.state.is_final:
            error = None if child.state is RunStatus.SUCCEEDED else _error_of(child)
            if error and record.idempotency_key != key_of(record):
                error = _acted_before(child)
            return self._end(plan, turn, record, error, _given(child))
        now = timezone.now()
        due = now + min(max(now - record.started_at, SOONEST), LATEST)
        return Wait(due, left=partial(children.wake_if_ended, record.idempotency_key))

    def _end(
        self, plan: BlockPlan, turn: Turn, record: StepRun, error: Failure | None, outputs: Json | None
    ) -> Answer:
        """Record the outcome; a failure with a lane of its own is handled there."""
        lane = next((one for one in plan.lanes if one.key == FAILED and one.steps), None)
        is_handled = error is not None and outputs is not None and lane is not None
        status = StepStatus.FAILED if error and not is_handled else StepStatus.SUCCEEDED
        end_step(
            turn.walk.claim,
            record,
            status,
            error=sanitize(error) if status is StepStatus.FAILED else None,
            outputs=sanitize(outputs or {}),
            branch_key=FAILED if is_handled else "",
            finished_at=timezone.now(),
        )
        return self._again(plan, turn, record)

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rendered(walk, step, self._declaration)
        if result.faults:
            walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
            return result
        # What the other run would do, its own dry run says.
        walk.unknown_steps.add(step.key)
        if step.inputs.get("wait") is not False:
            walk.is_at_open = True
            walk.leave_open()
        return replace(result, lanes=tuple(not_walked_lane(lane, State.POSSIBLE) for lane in step.lanes))


def _named(step: Json) -> Json | None:
    return reference_in(step.get("inputs", {}).get("workflow"))


def _others(step: Json) -> Iterator[OtherWorkflow]:
    if (named := _named(step)) is not None:
        yield from other_workflows.found([named]).values()


def _any(step: Json, does: Callable[[kinds.Block, Json], bool]) -> bool:
    """Whether a step of the other workflow does it. Of one that nobody knows, it may."""
    named = _named(step)
    if named is None or named["id"] in _seen.get():
        return False
    token = _seen.set(_seen.get() | {named["id"]})
    try:
        other = next(_others(step), None)
        if other is None or other.active is None:
            return True
        return any(does(kinds.of(place.step), place.step) for place in steps(other.active))
    finally:
        _seen.reset(token)


def _faults(other: OtherWorkflow, rows: list[Json]) -> Iterator[tuple[str, str, str]]:
    """What does not fit the other workflow: the setting, a code and a sentence."""
    name = {"workflow": other.name}
    if other.active is None:
        message = _("The workflow “%(workflow)s” is not active. Activate it first, or choose another one.")
        yield "workflow", "child_inactive", message % name
        return
    trigger = TriggerPlan.of(other.active["trigger"])
    if trigger.type != OnDemand.type:
        message = _(
            "The workflow “%(workflow)s” does not start on demand. Change its trigger, or choose another."
        )
        yield "workflow", "child_not_on_demand", message % name
        return
    yield from _value_faults(other.name, declared_in(trigger.settings), rows)


def _value_faults(
    workflow: str, declared: tuple[Declared, ...], rows: list[Json]
) -> Iterator[tuple[str, str, str]]:
    known = {one.name for one in declared}
    known |= {part.name for one in declared for part in KINDS[one.kind].carried(one)}
    for row in rows:
        if row["input"] not in known:
            message = _("“%(workflow)s” has no input with the name “%(name)s”. It has: %(known)s.")
            names = {"workflow": workflow, "name": row["input"], "known": ", ".join(sorted(known)) or "–"}
            yield "values", "unknown_input", message % names
    values = {row["input"]: row["value"] for row in rows}
    plain = {name: value for name, value in values.items() if not holds_reference(value)}
    for one in declared:
        if not values.get(one.name):
            if one.required:
                message = _("“%(workflow)s” needs a value for its input “%(label)s” (%(name)s).")
                names = {"workflow": workflow, "label": one.label, "name": one.name}
                yield "values", "input_missing", message % names
        elif all(part.name in plain or part.name not in values for part in KINDS[one.kind].carried(one)):
            given = mapped((one,), plain).get(one.name)
            for problem in KINDS[one.kind].field(one).check(given):
                yield "values", problem.code, problem.message


def _given(child: Run) -> Json:
    values: Json = {}
    if child.state.is_final:
        results = [block.kind for block in kinds.all() if block.gives_result]
        rows = child.steps.filter(kind__in=results, status=StepStatus.SUCCEEDED, superseded_at=None)
        for row in rows:
            values |= row.outputs or {}
    error = child.error or {}
    return {
        "run": str(child.pk),
        "workflow": child.workflow.name,
        "version": child.version.number,
        "status": child.status,
        "error": error.get("message") or "",
        "values": values,
    }


def _error_of(child: Run) -> Failure:
    """Why the step fails: how the other run ended, and its error."""
    error = child.error or {}
    name = {"name": child.workflow.name}
    if child.state is RunStatus.CANCELED:
        return failure("child_canceled", worded(_("The run of “%(name)s” was canceled."), names=name))
    message = _("The run of “%(name)s” failed: %(error)s")
    whole = failure("child_failed", message % {**name, "error": error.get("message") or ""})
    public = error.get("public") or public_sentence(str(error.get("code", "")))
    return {**whole, "public": message % {**name, "error": public}, "details": _run(child)}


def _acted_before(child: Run) -> Failure:
    """Why a retry has started no other run, and what a person can do."""
    message = _(
        "The run of “%(name)s” that was started before has ended without success, after it had acted. So no "
        "other one was started. Retry that run first, then this one."
    )
    return failure("child_acted", worded(message, names={"name": child.workflow.name}), details=_run(child))


def _run(child: Run) -> Json:
    return {"run": str(child.pk)}
