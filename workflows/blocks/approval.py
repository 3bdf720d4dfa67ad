"""A step at which people decide whether the run goes on, having seen what exactly would happen."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from stripeflow.actions import registry
from stripeflow.actions.base import OutputField, Outputs
from stripeflow.actions.inputs import ChoiceInput, GroupsInput, IntegerInput, TeamMembersInput, TextInput
from stripeflow.actions.wording import worded
from stripeflow.workflows.approvals.asking import Escalation, Question, Terms, answered, ask, settled
from stripeflow.workflows.approvals.people import has_enough, has_further, requesters
from stripeflow.workflows.approvals.would import Would
from stripeflow.workflows.blocks.action import ActionBlock
from stripeflow.workflows.blocks.base import DeclaredBlock
from stripeflow.workflows.blocks.waits.instants import LONGEST, Unit, span
from stripeflow.workflows.blocks.waits.words import UNITS, too_long, too_long_sentence
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.kinds import NewLane
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.lanes import steps_in
from stripeflow.workflows.definition.plan import ActionPlan, BlockPlan, LanePlan, StepPlan, steps_of
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.run_names import value_names
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.step_references import references_of, steps_named
from stripeflow.workflows.definition.titles import step_title, title_in
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop, Wait
from stripeflow.workflows.engine.rendering import InputsError, rendered_inputs
from stripeflow.workflows.models import Approval, StepRun
from stripeflow.workflows.models.approval import ApprovalStatus
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.rehearsal.calls import rendered
from stripeflow.workflows.rehearsal.results import End, State, StepResult
from stripeflow.workflows.rehearsal.walking import Walk, not_walked_lane
from stripeflow.workflows.states import RunStatus, StepStatus

DECLINED, TIMED_OUT = "declined", "timed_out"
_MOST_PEOPLE = 20


class ApprovalBlock(DeclaredBlock):
    """Approved, the run goes on behind the step. Its lanes run in place of all that follows."""

    kind = "approval"
    label = gettext_lazy("Approval")
    icon = "approval"
    description = gettext_lazy("Ask people first. They see what exactly would happen, and decide.")
    new_lanes = (
        NewLane(DECLINED, gettext_lazy("If it is declined")),
        NewLane(TIMED_OUT, gettext_lazy("If nobody decides in time")),
    )
    waits = True
    may_wake = False
    inputs = (
        TextInput(
            "question",
            label=gettext_lazy("Question"),
            help_text=gettext_lazy("What people are asked. What would happen is shown below it."),
            required=True,
            max_length=2000,
        ),
        TeamMembersInput(
            "users",
            label=gettext_lazy("People"),
            help_text=gettext_lazy(
                "They need the permission “Can decide on approvals”. Choose nobody, and everybody who has it "
                "may decide. Nobody decides on their own request."
            ),
        ),
        GroupsInput(
            "groups",
            label=gettext_lazy("Groups"),
            help_text=gettext_lazy("Everybody in these groups who has the permission may decide, too."),
        ),
        IntegerInput(
            "needed",
            label=gettext_lazy("How many have to approve"),
            help_text=gettext_lazy("In any order. If one person declines, it is declined."),
            required=True,
            default=1,
            minimum=1,
            references=False,
        ),
        IntegerInput(
            "amount",
            label=gettext_lazy("Times out after"),
            required=True,
            default=7,
            minimum=1,
            references=False,
        ),
        ChoiceInput(
            "unit",
            label=gettext_lazy("Unit"),
            help_text=gettext_lazy("People are reminded at half time."),
            required=True,
            default=Unit.DAYS.value,
            choices=UNITS,
        ),
        IntegerInput(
            "escalate_after",
            label=gettext_lazy("Escalate after"),
            help_text=gettext_lazy(
                "If nobody has decided by then, further people are told, and may decide as well. Leave it "
                "empty to ask nobody else."
            ),
            minimum=1,
            references=False,
            advanced=True,
        ),
        ChoiceInput(
            "escalate_unit",
            label=gettext_lazy("Unit of that time"),
            choices=UNITS,
            empty_label=gettext_lazy("Default: days"),
            advanced=True,
        ),
        TeamMembersInput(
            "more_users",
            label=gettext_lazy("Further people"),
            help_text=gettext_lazy(
                "They need the same permission. Choose no further people and no further groups, and "
                "everybody who has it may decide from then on."
            ),
            advanced=True,
        ),
        GroupsInput("more_groups", label=gettext_lazy("Further groups"), advanced=True),
    )
    outputs = Outputs(
        fields=(
            OutputField("decision", gettext_lazy("Decision"), "string"),
            OutputField("people", gettext_lazy("Who decided"), "string"),
            OutputField("comment", gettext_lazy("Comment"), "string"),
        )
    )

    # The document

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        return tuple(replace(lane, role=Role.INSTEAD) for lane in super().lanes(step))

    def title(self, step: Json) -> str:
        needed = step.get("inputs", {}).get("needed")
        if isinstance(needed, bool) or not isinstance(needed, int) or needed < 2:  # noqa: PLR2004  more than one
            return str(self.label)
        return ngettext("Approval by %d person", "Approval by %d people", needed) % needed

    def covers(self, step: StepPlan, following: Sequence[StepPlan]) -> frozenset[str]:
        return frozenset(one.key for one in steps_of(tuple(following)) if _is_guarded(one.head))

    def further_problems(self, check: StepCheck) -> Iterator[Problem]:
        inputs = check.step["inputs"]
        if _is_too_long(inputs):
            yield check.problem("inputs/amount", "wait_too_long", too_long_sentence(), field="amount")
        if inputs["needed"] > _MOST_PEOPLE:
            message = _("At most %d people can be asked to approve.") % _MOST_PEOPLE
            yield check.problem("inputs/needed", "too_many_people", message, field="needed")
        elif not has_enough(_document(check), *_people(inputs), inputs["needed"], but=frozenset()):
            field = next((name for name in ("users", "groups") if inputs.get(name)), "needed")
            yield check.problem(f"inputs/{field}", "approval_nobody", _nobody_sentence(), field=field)
        elif _is_started_by_people(check) and not _has_one_to_spare(check, inputs):
            message = ngettext(
                "Only %(count)d person may decide here, and nobody decides on their own request. If that "
                "person starts the workflow, the step fails. Let more people decide.",
                "Only %(count)d people may decide here, and nobody decides on their own request. If one of "
                "them starts the workflow, the step fails. Let more people decide.",
                inputs["needed"],
            ) % {"count": inputs["needed"]}
            yield check.problem(
                "inputs/needed", "approval_few", message, field="needed", severity=Severity.WARNING
            )
        yield from _escalation_problems(check)
        yield from _covered_problems(check)

    # The run

    def act(self, plan: BlockPlan, inputs: Json, *, since: datetime, scope: Mapping[str, Any]) -> Answer:
        # Of no run in particular, nobody can be asked.
        return Wait(since + _time(inputs))

    def decided_for(self, turn: Turn, plan: BlockPlan, inputs: Json, *, since: datetime) -> Answer:
        if _is_too_long(inputs):
            return Stop(RunStatus.FAILED, too_long())
        run, (users, groups) = turn.walk.run, _people(inputs)
        document, needed = run.version.document, inputs["needed"]
        if not has_enough(document, users, groups, needed, but=requesters(run)):
            return Stop(RunStatus.FAILED, _nobody())
        try:
            would = tuple(_would(turn, plan))
        except InputsError as error:
            return Stop(RunStatus.FAILED, error.to_json())
        question = Question(inputs["question"], would)
        if before := answered(run, turn.path, question):
            return _said(before, plan)
        terms = Terms(users, groups, needed, _time(inputs), _escalation(inputs))
        return Wait(ask(run, turn.path, plan.key, question, terms).due_at)

    def woken_for(
        self, turn: Turn, plan: BlockPlan, inputs: Json, *, due: datetime, since: datetime
    ) -> Answer:
        found = Approval.objects.at(turn.walk.run.pk, turn.path)
        if found is None:
            return Stop(RunStatus.FAILED, _gone())
        approval = settled(found)
        match approval.state:
            case ApprovalStatus.PENDING:
                return Wait(approval.due_at)
            case ApprovalStatus.APPROVED | ApprovalStatus.DECLINED | ApprovalStatus.TIMED_OUT:
                return _said(approval, plan)
            case ApprovalStatus.NOBODY if _is_retried(turn):
                return self.decided_for(turn, plan, inputs, since=since)
            case ApprovalStatus.NOBODY:
                return Stop(RunStatus.FAILED, _nobody())
        return Stop(RunStatus.FAILED, _gone())

    def _again(self, plan: BlockPlan, turn: Turn, record: StepRun) -> Answer:
        if record.status == StepStatus.SUCCEEDED and record.branch_key:
            turn.give(record.outputs)
            return Enter(_lane(plan, record.branch_key), instead=True)
        return super()._again(plan, turn, record)

    # Before it runs

    def rehearse(self, step: BlockPlan, walk: Walk) -> StepResult:
        result = rendered(walk, step, self._declaration)
        if result.faults:
            walk.end, walk.beyond = End.FAILED, State.NOT_REACHED
            return result
        # What follows is what would happen if people approve.
        walk.unknown_steps.add(step.key)
        walk.is_at_open = True
        walk.leave_open()
        lanes = tuple(not_walked_lane(lane, State.POSSIBLE) for lane in step.lanes)
        return replace(result, lanes=lanes, is_wait_open=True)


def _said(approval: Approval, plan: BlockPlan) -> Answer:
    """Where the run goes after what people, or their silence, have said."""
    if approval.state is ApprovalStatus.APPROVED:
        return Next(_outputs(approval))
    lane = DECLINED if approval.state is ApprovalStatus.DECLINED else TIMED_OUT
    return Enter(_lane(plan, lane), outputs=_outputs(approval))


def _would(turn: Turn, plan: BlockPlan) -> Iterator[Would]:
    """What the steps would do that the approval covers. Raises `InputsError` if nobody can know that yet."""
    whole = turn.walk.plan
    for step in steps_of(whole.steps):
        if plan.key not in whole.covering.get(step.key, ()) or not isinstance(step, ActionPlan):
            continue
        action = registry.find_for(step.action, step.inputs)
        if action is None:
            message = _("The action “%s” is not installed, so nobody can approve what it would do.")
            sentence = worded(message % step.action)
            raise InputsError(code="action_not_installed", field="", message=sentence)
        inputs = rendered_inputs(action, step.inputs, turn.scope, name_of=value_names(whole))
        yield Would.of(step, action, inputs)


def _is_guarded(step: Json) -> bool:
    """Whether the step is an action that moves money, destroys something, or changes customers."""
    block = kinds.of(step)
    if not isinstance(block, ActionBlock):
        return False
    return block.moves_money(step) or block.is_destructive(step) or block.changes_customers(step)


def _is_started_by_people(check: StepCheck) -> bool:
    trigger = check.known.trigger
    return trigger.is_addressed and trigger.timing is None


def _has_one_to_spare(check: StepCheck, inputs: Json) -> bool:
    """Whether enough people are left once one of them has started the run."""
    return has_enough(_document(check), *_people(inputs), inputs["needed"] + 1, but=frozenset())


def _document(check: StepCheck) -> Json:
    whole = check.place.whole
    return whole.document if whole else {"steps": [check.step]}


def _escalation_problems(check: StepCheck) -> Iterator[Problem]:
    """An escalation that has no time, or comes too late, or lets nobody decide who may not already."""
    inputs = check.step["inputs"]
    named = next((name for name in ("more_users", "more_groups") if inputs.get(name)), "")
    if inputs.get("escalate_after") is None:
        if named:
            message = _("Say after which time the further people are asked.")
            yield check.problem("inputs/escalate_after", "no_escalation", message, field="escalate_after")
        return
    if _escalation(inputs) is None:
        message = _("Escalate before the approval times out, or let it time out later.")
        yield check.problem("inputs/escalate_after", "late_escalation", message, field="escalate_after")
    elif not has_further(_document(check), _people(inputs), _further_people(inputs)):
        message = _(
            "The escalation adds nobody who may decide. Choose further people who have the permission, or "
            "leave the escalation out."
        )
        field, severity = named or "escalate_after", Severity.WARNING
        yield check.problem(f"inputs/{field}", "escalation_nobody", message, field=field, severity=severity)


def _covered_problems(check: StepCheck) -> Iterator[Problem]:
    """Where nobody could see what they approve: a covered step needs a value that only comes afterwards."""
    covered = [step for step in _following(check) if _is_guarded(step)]
    if not covered:
        message = _(
            "No later step moves money, destroys something or changes customers. So people approve the "
            "question alone."
        )
        yield check.problem("inputs", "nothing_covered", message, severity=Severity.WARNING)
    for loop in (step for step in _following(check) if kinds.of(step).loops):
        if any(map(_is_guarded, steps_in([loop]))):
            message = _(
                "“%s” is a loop whose steps act for each item, and nobody could see what they approve. Move "
                "the approval into the loop."
            ) % step_title(loop)
            yield check.problem("inputs", "approved_loop", message)
    # Its own outcome is not there either while people decide.
    later = {check.step["key"], *(step["key"] for step in _following(check))}
    for step in covered:
        for key in sorted(steps_named(references_of(step)) & later):
            message = _(
                "“%(step)s” uses what “%(source)s” gives, which is not known yet when people approve. Move "
                "“%(source)s” before the approval."
            ) % {"step": step_title(step), "source": title_in(_document(check), key)}
            yield check.problem("inputs", "approved_unseen", message)


def _following(check: StepCheck) -> Iterator[Json]:
    """The steps that follow, in its own list and in those around it, with all inside them."""
    place = check.place
    yield from steps_in(_main(place.behind))
    around = {one.step["key"]: one for one in steps(_document(check))}
    for step, lane in reversed(place.inside):
        block = kinds.of(step)
        if lane.role.ends_run or block.runs_on_failure or block.loops:
            return
        yield from steps_in(_main(around[step["key"]].behind))


def _main(behind: Sequence[Json]) -> list[Json]:
    """Those that run as long as nothing fails."""
    return [step for step in behind if not kinds.of(step).runs_on_failure]


def _is_retried(turn: Turn) -> bool:
    """Whether a person has retried the step, and its new try has not asked yet."""
    return turn.record is not None and turn.record.superseded_at is not None


def _lane(plan: BlockPlan, key: str) -> LanePlan:
    """The lane of this key; an empty one where the step has none."""
    return next((lane for lane in plan.inside if lane.key == key), LanePlan(key, Role.INSTEAD, ()))


def _people(inputs: Json) -> tuple[list[str], list[str]]:
    return list(inputs.get("users") or ()), list(inputs.get("groups") or ())


def _further_people(inputs: Json) -> tuple[list[str], list[str]]:
    return list(inputs.get("more_users") or ()), list(inputs.get("more_groups") or ())


def _escalation(inputs: Json) -> Escalation | None:
    """When further people are asked, and who; None if they never are: by then, it has timed out."""
    if inputs.get("escalate_after") is None:
        return None
    try:
        after = span(inputs["escalate_after"], Unit(inputs.get("escalate_unit") or Unit.DAYS))
        return Escalation(after, *_further_people(inputs)) if after < _time(inputs) else None
    except OverflowError:
        return None


def _time(inputs: Json) -> Any:  # noqa: ANN401  a timedelta
    return span(inputs["amount"], Unit(inputs["unit"]))


def _is_too_long(inputs: Json) -> bool:
    try:
        return bool(_time(inputs) > LONGEST)
    except OverflowError:
        return True


def _outputs(approval: Approval) -> Json:
    decisions = list(approval.decisions.all())
    comments = [one.comment for one in decisions if one.comment]
    return {
        "decision": approval.status,
        "people": ", ".join(one.user_name for one in decisions),
        "comment": comments[-1] if comments else "",
    }


def _nobody_sentence() -> str:
    return _(
        "Too few active users may decide on this. They need the permission “Can decide on approvals”, those "
        "to view runs and to see payloads, and the one for what the workflow does."
    )


def _nobody() -> Failure:
    message = _("Nobody decides on their own request. Give more people the permission, then retry the run.")
    return failure("approval_nobody", worded(f"{_nobody_sentence()} {message}"))


def _gone() -> Failure:
    return failure("approval_gone", worded(_("The approval is no longer there. Start the run again.")))
