"""A step that waits until something happens at Stripe, or until its time is up."""

from collections.abc import Iterator, Mapping
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.base import Action, OutputField, Outputs
from stripeflow.actions.inputs import ChoiceInput, DateInput, IntegerInput
from stripeflow.actions.wording import worded
from stripeflow.triggers import catalogue
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Event
from stripeflow.triggers.types.stripe_event.labels import label_of
from stripeflow.workflows import conditions
from stripeflow.workflows.awaiting import looking, rows
from stripeflow.workflows.awaiting.rows import Wanted
from stripeflow.workflows.blocks.base import DeclaredBlock, recorded
from stripeflow.workflows.blocks.waits.alternatives import (
    LANES,
    Alternative,
    alternatives,
    inputs_of,
    without,
)
from stripeflow.workflows.blocks.waits.ended import ended_at
from stripeflow.workflows.blocks.waits.event_checks import (
    event_problems,
    lane_problems,
    since_problems,
    time_problems,
)
from stripeflow.workflows.blocks.waits.instants import LONGEST, Unit, moment, span
from stripeflow.workflows.blocks.waits.words import UNITS, too_long
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import BlockPlan, Builder, LanePlan
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.same_object import SAME_OBJECTS
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.step_choice import StepChoiceInput, key_in
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop, Wait
from stripeflow.workflows.engine.transitions import end_step
from stripeflow.workflows.models import StepRun
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, State, StepResult
from stripeflow.workflows.rehearsal.walking import Walk, not_walked_lane
from stripeflow.workflows.states import RunStatus

TIMEOUT = "timeout"
START, NOW = "start", "now"
SHORTEST = timedelta(minutes=1)


@dataclass(frozen=True)
class EventPlan(BlockPlan):
    """The step, with the conditions on each event by the key of its lane; without any, each event will do."""

    asked: Mapping[str, conditions.Compiled] = field(default_factory=dict)


class WaitForEventBlock(DeclaredBlock):
    """The first of its events takes its lane; if none comes in time, `TIMEOUT` is taken.

    What it waits for is committed before the worker looks for events that came already, and only then does
    the run come to rest: an event is found by one side or by the other, or by both.
    """

    kind = "wait_for_event"
    label = gettext_lazy("Wait for an event")
    icon = "wait"
    description = gettext_lazy("Go on when something happens at Stripe, or when the time is up.")
    waits = True
    lanes_may_ask = True
    new_lanes = (
        *(NewLane(key) for key in LANES),
        NewLane(TIMEOUT, gettext_lazy("If the time is up"), otherwise=True),
    )
    inputs = (
        *inputs_of(LANES[0]),
        IntegerInput(
            "amount",
            label=gettext_lazy("Wait at most"),
            help_text=gettext_lazy("From 1 minute to 400 days. A day is 24 hours."),
            default=7,
            minimum=1,
        ),
        ChoiceInput(
            "unit",
            label=gettext_lazy("Unit"),
            default=Unit.DAYS.value,
            choices=UNITS,
            empty_label=gettext_lazy("Default: days"),
        ),
        DateInput(
            "until",
            label=gettext_lazy("Or until"),
            help_text=gettext_lazy("A date, in place of the time above, or a reference to one."),
        ),
        StepChoiceInput(
            "since",
            label=gettext_lazy("Events that count"),
            default=START,
            choices=(
                (START, gettext_lazy("Since the event that started the run")),
                (NOW, gettext_lazy("Only from now on")),
            ),
            empty_label=gettext_lazy("Default: since the event that started the run"),
            of_step=gettext_lazy("Since “%s” ended"),
        ),
        *(one for key in LANES[1:] for one in inputs_of(key)),
    )

    # The document

    def title(self, step: Json) -> str:
        first, *others = [label_of(one.event_type) for one in alternatives(step.get("inputs", {}))] or [""]
        if not first:
            return str(self.label)
        if others:
            return _("Wait for %(event)s, or another event") % {"event": first}
        return _("Wait for %(event)s") % {"event": first}

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        """Those of its events, and others in which something stands."""
        waited = {one.lane: one for one in alternatives(step.get("inputs", {}))}
        return tuple(
            _lane(own, number, waited.get(own["key"]))
            for number, own in enumerate(step.get("branches", ()))
            if own["key"] in waited or own["key"] == TIMEOUT or own["steps"]
        )

    def awaits(self, step: Json) -> Iterator[str]:
        for one in alternatives(step.get("inputs", {})):
            yield one.event_type

    def seen_in(self, step: Json, lane: Lane) -> Json:
        return {**step, "inputs": without(step.get("inputs", {}), lane.key)}

    def declared(self, step: Json) -> Action:
        declaration = copy(self._declaration)
        types = [one.event_type for one in alternatives(step.get("inputs", {}))]
        carried = catalogue.carried_by(types) if types else None
        declaration.outputs = Outputs(object=carried, fields=_OUTPUTS)  # type: ignore[misc]  # of this step
        return declaration

    def gives(self, step: Json) -> bool:
        return True

    def plan(self, step: Json, path: str, builder: Builder) -> EventPlan:
        inside, asked = [], {}
        for lane, steps in builder.inside(step, path):
            inside.append(LanePlan(lane.key, lane.role, steps))
            group = lane.own.get("conditions")
            if lane.may_ask and group and group["conditions"]:
                asked[lane.key] = builder.group(group, f"{path}/{lane.path}/conditions")
        name, inputs = step.get("name", ""), step.get("inputs", {})
        return EventPlan(step["key"], name, self.kind, inputs, tuple(inside), asked)

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from super().problems(check)
        yield from lane_problems(check)

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from since_problems(check)
        yield from time_problems(check)
        yield from event_problems(check)

    # The run

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        found = _until(inputs, since)
        return found if isinstance(found, Stop) else Wait(found)

    def run(self, plan: BlockPlan, turn: Turn) -> Answer:
        record = turn.record if turn.record and turn.record.superseded_at is None else None
        if record is None or record.state.is_recorded or record.due_at is None:
            answer = super().run(plan, turn)
            if not isinstance(answer, Wait):
                return answer
            record = turn.record
        if record is None or record.due_at is None or not isinstance(plan, EventPlan):
            raise TypeError("A step that waits for an event has its row, its time-out and its own plan.")
        return self._look(plan, turn, record, record.due_at)

    def _look(self, plan: EventPlan, turn: Turn, record: StepRun, until: datetime) -> Answer:
        """Write what is waited for, then look for it. A worker that dies in between leaves the run claimed,
        so that the next one looks."""
        turn.walk.make_room(plan)
        inputs = self._declaration.clean(record.inputs or {})
        wanted, refused = _wanted(inputs, turn)
        if refused:
            return self._end(plan, turn, record, Stop(RunStatus.FAILED, refused))
        since = _since(inputs, turn, record)
        if since is None:
            return self._end(plan, turn, record, Stop(RunStatus.FAILED, _not_ended(inputs, turn)))
        waiting = rows.wait_for(turn.walk.run, turn.path, wanted, since=since, until=until)
        # Asked before the look, so that an event of the last moment is not passed over.
        is_over = timezone.now() >= until
        unmet = []
        for row, event in looking.come(waiting, is_over=is_over):
            judged = _judged(plan, turn, row.lane, event)
            if judged is None or judged.truth is conditions.Truth.MET:
                return self._end(plan, turn, record, _taken(plan, row.lane, event), event=event, why=judged)
            unmet.append((row, event))
        looking.forget(unmet)
        if is_over:
            return self._end(plan, turn, record, _taken(plan, TIMEOUT, None))
        rows.note_look(waiting)
        return Wait(until)

    def _end(
        self,
        plan: EventPlan,
        turn: Turn,
        record: StepRun,
        answer: Next | Enter | Stop,
        *,
        event: Event | None = None,
        why: conditions.Evaluation | None = None,
    ) -> Answer:
        """Record the answer, with the event that ended the wait, and wait for nothing more."""
        status, columns = recorded(answer)
        lane = columns.get("branch_key", "")
        said = [{"branch": lane, "name": "", "evaluation": why.to_json()}] if why else None
        end_step(
            turn.walk.claim,
            record,
            status,
            **columns,
            woken_by_id=event.pk if event else None,
            explanation=sanitize(said),
            finished_at=timezone.now(),
        )
        rows.of(turn.walk.run, turn.path).delete()
        if isinstance(answer, Stop):
            return answer
        turn.keep(record)
        return self._again(plan, turn, record)

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rendered(walk, step, self._declaration)
        if result.faults:
            walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
            return result
        # Nobody knows whether and when the event comes.
        walk.unknown_steps.add(step.key)
        walk.is_at_open = True
        walk.leave_open()
        lanes = tuple(not_walked_lane(lane, State.POSSIBLE) for lane in step.lanes)
        waited = tuple(one.heading for one in alternatives(step.inputs))
        return replace(result, lanes=lanes, is_wait_open=True, waits_for=waited)


_OUTPUTS = (
    OutputField("event_id", gettext_lazy("ID of the event"), "string"),
    OutputField("event_type", gettext_lazy("Type of the event"), "string"),
)


def _lane(own: Json, number: int, waited: Alternative | None) -> Lane:
    path, name = f"branches/{number}", own.get("name", "")
    if own["key"] == TIMEOUT:
        return Lane(TIMEOUT, Role.BODY, name or _("If the time is up"), path, own)
    heading = waited.heading if waited else _("No event")
    return Lane(
        own["key"],
        Role.BODY,
        name or heading,
        path,
        own,
        knows_step=True,
        may_ask=True,
        heading="" if name else heading,
    )


def _until(inputs: Json, since: datetime) -> datetime | Stop:
    """Until when it waits; or why it cannot."""
    try:
        if inputs["until"] is not None:
            until = moment(inputs["until"], ZoneInfo(timezone.get_default_timezone_name()))
        elif inputs["amount"] is not None:
            until = since + span(inputs["amount"], Unit(inputs["unit"] or Unit.DAYS))
        else:
            message = _("The step has no time-out. Say how long it waits, then start the run again.")
            return Stop(RunStatus.FAILED, failure("no_time_out", worded(message)))
    except OverflowError:
        return Stop(RunStatus.FAILED, too_long())
    if until - since > LONGEST:
        return Stop(RunStatus.FAILED, too_long())
    return until


def _since(inputs: Json, turn: Turn, record: StepRun) -> datetime | None:
    """From when events count; None for the end of a step that has not ended in this run.

    Stripe's times have whole seconds.
    """
    if inputs["since"] == NOW:
        return record.started_at.replace(microsecond=0)
    if key := key_in(inputs["since"]):
        ended = ended_at(turn, key)
        return ended.replace(microsecond=0) if ended else None
    return turn.walk.run.event.created


def _not_ended(inputs: Json, turn: Turn) -> Failure:
    message = _("“{step}” has not ended in this run, so nobody knows which events count.")
    step = title_in(turn.walk.run.version.document, key_in(inputs["since"]))
    return failure("step_not_ended", worded(message, names={"step": step}))


def _wanted(inputs: Json, turn: Turn) -> tuple[list[Wanted], Failure | None]:
    """What it waits for; and why it cannot, where an object is to be the same that nobody knows."""
    found = []
    for one in alternatives(inputs):
        same = SAME_OBJECTS.get(one.same_as)
        known = one.object_id or (same.id_in(turn.walk.run.event.object) if same else "")
        if same and not known:
            message = _("The trigger has no %(object)s, so no event can be of the same one.")
            said = worded(message, names={"object": str(same.label).lower()})
            return [], failure("no_same_object", said)
        found.append(Wanted(one.lane, one.event_type, one.same_as, known if same else ""))
    return found, None


def _judged(plan: EventPlan, turn: Turn, lane: str, event: Event) -> conditions.Evaluation | None:
    """What the conditions say of the event; None if there are none."""
    group = plan.asked.get(lane)
    if group is None:
        return None
    return turn.judged(group, now=timezone.now(), also=(plan.key, _given(event)))


def _taken(plan: EventPlan, key: str, event: Event | None) -> Next | Enter:
    outputs = _given(event) if event else {}
    lane = next((lane for lane in plan.lanes if lane.key == key), None)
    return Enter(lane, outputs=outputs) if lane else Next(outputs)


def _given(event: Event) -> Json:
    return {**event.object, "event_id": event.external_id, "event_type": event.type}
