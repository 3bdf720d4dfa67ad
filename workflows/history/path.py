"""What became of each step and of each branch along the way that a run took."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.lanes import Lane, Role, chooses, lanes
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Place, steps
from stripeflow.workflows.display.explained import Explained, Explainer
from stripeflow.workflows.display.words import acts_as_words
from stripeflow.workflows.history.items import LoopSeen
from stripeflow.workflows.history.tries import Records, Tries, Try, is_undecided
from stripeflow.workflows.models import Run, RunOperation, StepRun
from stripeflow.workflows.models.operation import OperationKind

# Statuses of steps that have no row.
TO_COME, NOT_REACHED = "to_come", "not_reached"
_WITHOUT_ROW: dict[str, Promise] = {TO_COME: _("Still to come"), NOT_REACHED: _("Not reached")}


@dataclass(frozen=True)
class StepSeen:
    """What became of a step on the way. It may not have been reached. `items` are those of a loop."""

    status: str
    status_label: str
    acts_as: str
    chooses: bool
    latest: Try | None
    earlier: tuple[Try, ...]
    items: LoopSeen | None = None


@dataclass(frozen=True)
class WaySeen:
    """One branch: taken, not_taken and why, not_needed, open, or asked: to be chosen by a person.

    `hint` says why in a sentence, where its conditions do not; `chosen_by` is the person who chose it.
    `is_ahead`: its steps are on the way.
    """

    state: str
    is_ahead: bool
    lines: tuple[Explained, ...] = ()
    hint: str = ""
    chosen_by: str = ""


class Path:
    """The way of a run, found once: `steps` by key, `ways` by step and key. Off the way nothing is found.

    `payloads`: whether values may be shown. `operations`: what people did to the run.
    """

    def __init__(
        self,
        run: Run,
        records: Records,
        *,
        loops: Mapping[str, LoopSeen],
        payloads: bool,
        operations: Iterable[RunOperation],
    ) -> None:
        self.run, self.records, self.payloads = run, records, payloads
        self.loops = loops
        self.operations = tuple(operations)
        self.document: Json = run.version.document
        self.trigger = TriggerPlan.of(self.document["trigger"])
        self.places: dict[str, Place] = {place.step["key"]: place for place in steps(self.document)}
        self.tries = Tries(run, records, payloads=payloads)
        self.steps: dict[str, StepSeen] = {}
        self.ways: dict[tuple[str, str], WaySeen] = {}
        self._walk(self.document["steps"])

    @cached_property
    def ended_inside(self) -> frozenset[str]:
        """The keys of the steps of which a lane was taken in place of all that follows."""
        ended = {
            key for key, rows in self.records.items() if key in self.places and self._has_left(key, rows)
        }
        return self.handled | ended

    def _has_left(self, key: str, rows: list[StepRun]) -> bool:
        instead = (lane.key for lane in lanes(self.places[key].step) if lane.role is Role.INSTEAD)
        return rows[-1].superseded_at is None and rows[-1].branch_key in set(instead)

    @cached_property
    def handled(self) -> frozenset[str]:
        """The keys of the steps whose error branch was taken."""
        failed = (key for key, rows in self.records.items() if rows[-1].handled and key in self.places)
        return frozenset(key for key in failed if _has_error_branch(self.places[key].step))

    def _walk(self, items: list[Json]) -> None:
        for step in items:
            self.steps[step["key"]] = self._step(step)
            for lane, way in self._ways(step):
                self.ways[step["key"], lane.key] = way
                if way.is_ahead:
                    self._walk(lane.steps)

    def _step(self, step: Json) -> StepSeen:
        tries = self.tries.of(step)
        status, label = self._status(step, tries)
        action = kinds.of(step).declared(step)
        return StepSeen(
            status=status,
            status_label=label,
            acts_as=acts_as_words(step, action, self.run.event.account),
            chooses=chooses(step),
            latest=tries[-1] if tries else None,
            earlier=tries[:-1],
            items=self.loops.get(step["key"]),
        )

    def _status(self, step: Json, tries: tuple[Try, ...]) -> tuple[str, str]:
        if tries:
            return tries[-1].status, tries[-1].status_label
        is_behind = any(self._replaces(key, self.places[step["key"]]) for key in self.ended_inside)
        status = NOT_REACHED if self.run.state.is_final or is_behind else TO_COME
        return status, str(_WITHOUT_ROW[status])

    def _replaces(self, key: str, place: Place) -> bool:
        """Whether a lane of the step of this key runs in place of the step at `place`.

        Inside a loop it does so for the rest of its item only.
        """
        # Only the steps of such a lane are still to come.
        is_inside = key in {around["key"] for around, lane in place.inside if lane.role.ends_run}
        around = [loop["key"] for loop in place.loops]
        return not is_inside and all(loop["key"] in around for loop in self.places[key].loops)

    def _ways(self, step: Json) -> Iterator[tuple[Lane, WaySeen]]:
        record = self.records[step["key"]][-1] if step["key"] in self.records else None
        known = Known.at(self.trigger, self.places[step["key"]])
        judged = _Judged(step, record, Explainer(known, self.payloads), self._chosen_by(step["key"]))
        for lane in lanes(step):
            yield lane, _error_way(record) if lane.role is Role.ERROR else judged.way(lane)

    def _chosen_by(self, key: str) -> str:
        """Who chose the branch of this step; "" if nobody did."""
        for one in self.operations:
            if one.kind == OperationKind.CHOOSE and one.step_key == key:
                return one.user_name or _now("the command line")
        return ""


def _has_error_branch(step: Json) -> bool:
    return any(lane.role is Role.ERROR for lane in lanes(step))


def _error_way(record: StepRun | None) -> WaySeen:
    """`open` while the step may still fail; then whether its error branch was taken."""
    if record is None or record.superseded_at or not record.state.is_recorded:
        return WaySeen("open", is_ahead=False)
    return WaySeen("taken" if record.handled else "not_taken", is_ahead=record.handled)


class _Judged:
    """The branches of one step, with what their conditions came to."""

    def __init__(self, step: Json, record: StepRun | None, explainer: Explainer, chosen_by: str) -> None:
        self.step, self.record, self.explainer, self.chosen_by = step, record, explainer, chosen_by
        found = (record.explanation if record else None) or ()
        self.seen: dict[str, Json | None] = {one["branch"]: one["evaluation"] for one in found}
        self.is_unknown = any(one and one["truth"] == "unknown" for one in self.seen.values())

    def way(self, lane: Lane) -> WaySeen:
        state = self._state(lane)
        person = self.chosen_by if state == "taken" else ""
        return WaySeen(
            state=state,
            is_ahead=state in ("taken", "open", "asked"),
            lines=self.explainer.lines(self.seen.get(lane.key)),
            hint=self._hint(lane, state, person),
            chosen_by=person,
        )

    def _state(self, lane: Lane) -> str:
        """`open` before the choice, `asked` where a person makes it; then taken, not_taken, or not_needed."""
        if self.record is None:
            return "open"
        if is_undecided(self.step, self.record):
            return "not_taken" if self.record.run.state.is_final else "asked"
        if lane.key == self.record.branch_key:
            return "taken"
        if lane.role in (Role.BODY, Role.INSTEAD):
            return "open" if self._may_come(self.record) else "not_taken"
        return "not_taken" if lane.key in self.seen else "not_needed"

    def _may_come(self, record: StepRun) -> bool:
        """Whether the step may take one of its lanes yet."""
        return not record.state.is_recorded and not kinds.of(self.step).chooses_lane_at_once

    def _hint(self, lane: Lane, state: str, person: str) -> str:
        """Why the branch was taken or not, where its own conditions do not say it."""
        if person:
            return _now("Chosen by %s, since a condition was unknown.") % person
        if state == "taken" and lane.role is Role.OTHERWISE:
            if self.is_unknown:
                return _now("A condition was unknown, and then this branch is taken.")
            return _now("No other branch had its conditions met.")
        if state == "not_needed":
            if self.is_unknown:
                return _now("A condition before it was unknown.")
            return _now("An earlier branch was taken.")
        return ""
