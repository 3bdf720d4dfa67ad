"""A step that takes one of several ways: the first whose conditions are met, else “All other cases”."""

from collections import Counter
from collections.abc import Iterator
from functools import partial
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.wording import worded
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.definition.choices import IfUndecided
from stripeflow.workflows.definition.kinds import Block, NewLane
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.plan import BranchPlan, Builder, WayPlan
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.schema import step_schema
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.undecided import is_grave, may_end, may_hold_back, rules_of
from stripeflow.workflows.display.words import undecided_words
from stripeflow.workflows.engine.deciding import decide
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Stop
from stripeflow.workflows.engine.transitions import record_step
from stripeflow.workflows.models import Step, StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.rehearsal.branches import rehearse_branch
from stripeflow.workflows.rehearsal.results import StepResult
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import RunStatus, StepStatus


class BranchBlock(Block):
    kind = "branch"
    label = gettext_lazy("Branch")
    icon = "branch"
    description = gettext_lazy("Go different ways, and do different things, depending on what is known.")
    new_lanes = (NewLane("branch_1"), NewLane("otherwise", otherwise=True))
    adds_lanes = True
    may_duplicate = False
    asks_person = True
    may_run_at_once = True

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        return tuple(_lane(own, f"branches/{number}") for number, own in enumerate(step["branches"]))

    @property
    def offer(self) -> str:
        return _("Branch on conditions")

    def title(self, step: Json) -> str:
        return _("Branch on conditions")

    def written(self, row: Step) -> Json:
        return {"if_undecided": row.if_undecided} if row.if_undecided else {}

    def facts(self, step: Json) -> Iterator[tuple[str, str]]:
        yield _("If a condition is unknown"), undecided_words(step, reason=False)

    def schema(self) -> Json:
        return step_schema(
            self.kind,
            ["branches"],
            if_undecided={"enum": ["otherwise", "stop"]},
            branches={
                "type": "array",
                "minItems": 1,
                "maxItems": 50,
                "items": {"$ref": "#/$defs/branch"},
            },
        )

    def plan(self, step: Json, path: str, builder: Builder) -> BranchPlan:
        ways = tuple(
            WayPlan(
                key=lane.key,
                name=lane.own.get("name", ""),
                conditions=None
                if lane.role is Role.OTHERWISE
                else builder.group(lane.own["conditions"], f"{path}/{lane.path}/conditions"),
                steps=steps,
                if_unknown=rule,
            )
            for (lane, steps), rule in zip(builder.inside(step, path), rules_of(step), strict=True)
        )
        return BranchPlan(step["key"], step.get("name", ""), ways)

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        branches = check.step["branches"]
        others = [index for index, branch in enumerate(branches) if branch.get("otherwise")]
        if others != [len(branches) - 1]:
            message = _("The last branch, and only the last, must be “All other cases”.")
            yield check.problem("branches", "no_otherwise", message)
        yield from _undecided_problems(check)
        keys = Counter(branch["key"] for branch in branches)
        for lane in self.lanes(check.step):
            if keys[lane.key] > 1:
                message = _("More than one branch has the key “%s”.") % lane.key
                yield check.problem(f"{lane.path}/key", "duplicate_key", message, branch=lane.key)
            if lane.role is Role.CONDITION:
                yield from _condition_problems(check, lane)

    def run(self, step: BranchPlan, turn: Turn) -> Answer:
        """Take the recorded branch, or choose one now and record it, so that it is chosen once.

        The run stops where a person has to choose it.
        """
        record = turn.record or self._choose(step, turn)
        if record.status == StepStatus.WAITING:
            return Stop(
                RunStatus.HELD, _undecided(step.name or self.title({})), {"held_reason": HeldReason.UNDECIDED}
            )
        return Enter(step.lane(record.branch_key))

    def rehearse(self, step: BranchPlan, walk: Walk) -> StepResult:
        return rehearse_branch(walk, step)

    def _choose(self, step: BranchPlan, turn: Turn) -> StepRun:
        now = timezone.now()
        decision = decide(step, partial(turn.judged, now=now))
        taken = decision.way
        record = turn.new_record(
            status=StepStatus.SUCCEEDED if taken else StepStatus.WAITING,
            branch_key=taken.key if taken else "",
            explanation=sanitize(decision.to_json()),
            started_at=now,
            finished_at=now if taken else None,
        )
        record_step(turn.walk.claim, record)
        return record


def _undecided(title: str) -> dict[str, Any]:
    """The error of a run whose branch a person has to choose."""
    message = _("A condition is unknown, so it is not decided which branch is taken.")
    return failure("undecided", worded(message), step_name=title)


def _condition_problems(check: StepCheck, lane: Lane) -> Iterator[Problem]:
    group, path = lane.own.get("conditions"), f"{lane.path}/conditions"
    if group and group["conditions"]:
        yield from check.conditions(group, path, branch=lane.key)
        return
    message = _("This branch needs at least one condition.")
    yield check.problem(path, "empty_condition", message, branch=lane.key)


def _undecided_problems(check: StepCheck) -> Iterator[Problem]:
    """A warning if an unknown condition leads to "All other cases", and that is not harmless."""
    goes_on = check.step.get("if_undecided") == IfUndecided.OTHERWISE
    if goes_on and (message := _passed(check.step["branches"])):
        yield check.problem(
            "if_undecided", "goes_on_if_undecided", message, field="if_undecided", severity=Severity.WARNING
        )
    others = [branch["steps"] for branch in check.step["branches"] if branch.get("otherwise")]
    if not goes_on or not any(map(is_grave, others)):
        return
    message = _(
        "“All other cases” is taken also where a condition is unknown, and moves money, destroys something, "
        "or writes to customers. Let the step stop for a person, unless this is meant."
    )
    yield check.problem(
        "if_undecided", "grave_if_undecided", message, field="if_undecided", severity=Severity.WARNING
    )


def _passed(branches: list[Json]) -> str:
    """What an unknown condition would pass by; "" for nothing that could be missed."""
    if may_end(branches):
        return _(
            "A branch ends the run. If its condition is unknown, “All other cases” is taken, and the run "
            "goes on. Let the step stop for a person, unless this is meant."
        )
    if may_hold_back(branches):
        return _(
            "A branch waits. If its condition is unknown, “All other cases” is taken, and the run goes on at "
            "once. Let the step stop for a person, unless this is meant."
        )
    return ""


def _lane(own: Json, path: str) -> Lane:
    is_last = bool(own.get("otherwise"))
    label = _("All other cases") if is_last else _("If these conditions are met")
    role = Role.OTHERWISE if is_last else Role.CONDITION
    return Lane(own["key"], role, own.get("name") or label, path, own)
