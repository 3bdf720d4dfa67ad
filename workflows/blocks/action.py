"""A step that does something: one action of the registry of `actions`."""

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions import registry
from stripeflow.actions.base import Action, Repeat
from stripeflow.actions.money import format_minor
from stripeflow.actions.naming import with_close
from stripeflow.workflows import conf
from stripeflow.workflows.approvals.people import has_enough
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, ActsAs, OnError
from stripeflow.workflows.definition.kinds import Block
from stripeflow.workflows.definition.lane import Json, Lane, Role
from stripeflow.workflows.definition.lanes import steps_in
from stripeflow.workflows.definition.plan import ActionPlan, Builder
from stripeflow.workflows.definition.problems import Problem, Severity
from stripeflow.workflows.definition.retry import retry_problems
from stripeflow.workflows.definition.run_names import value_names
from stripeflow.workflows.definition.schema import STEPS, step_schema
from stripeflow.workflows.definition.step_check import StepCheck
from stripeflow.workflows.definition.titles import key_in_words
from stripeflow.workflows.engine.attempt import Attempt, is_recorded
from stripeflow.workflows.engine.execution import Turn
from stripeflow.workflows.engine.frames import Answer, Enter, Next, Stop
from stripeflow.workflows.models import Step, StepRun
from stripeflow.workflows.rehearsal.calls import rehearse_action
from stripeflow.workflows.rehearsal.results import StepResult
from stripeflow.workflows.rehearsal.walking import Walk
from stripeflow.workflows.states import RunStatus, StepStatus


class ActionBlock(Block):
    kind = "action"
    label = gettext_lazy("Action")
    is_listed = False
    may_fail = True
    may_run_at_once = True

    def lanes(self, step: Json) -> tuple[Lane, ...]:
        own = step.get("error_branch")
        if not own:
            return ()
        return (Lane(ERROR_BRANCH_KEY, Role.ERROR, _("If it fails"), "error_branch", own),)

    def title(self, step: Json) -> str:
        action = registry.find(step["action"])
        return str(action.label) if action else key_in_words(step["key"])

    def written(self, row: Step) -> Json:
        return {
            "action": row.action,
            "inputs": row.inputs,
            "on_error": row.on_error,
            **({"acts_as": row.acts_as} if row.acts_as != ActsAs.EVENT else {}),
            **({"retry": row.retry} if row.retry else {}),
        }

    def has_error_lane(self, row: Step) -> bool:
        return row.on_error == OnError.BRANCH

    def schema(self) -> Json:
        whole = step_schema(
            self.kind,
            ["action"],
            action={"type": "string", "maxLength": 100},
            inputs={"type": "object"},
            acts_as={"enum": ["event", "platform"]},
            on_error={"enum": ["stop", "continue", "branch"]},
            retry={"$ref": "#/$defs/retry"},
            error_branch={
                "type": "object",
                "additionalProperties": False,
                "required": ["steps"],
                "properties": {"steps": STEPS},
            },
        )
        takes_it = {"required": ["on_error"], "properties": {"on_error": {"const": "branch"}}}
        # An error branch and the choice to take it come together, or steps would be lost.
        return {
            **whole,
            "if": takes_it,
            "then": {"required": ["error_branch"]},
            "dependentSchemas": {"error_branch": takes_it},
        }

    def plan(self, step: Json, path: str, builder: Builder) -> ActionPlan:
        return ActionPlan(
            key=step["key"],
            name=step.get("name", ""),
            action=step["action"],
            inputs=step.get("inputs", {}),
            on_error=step.get("on_error", "stop"),
            as_platform=step.get("acts_as") == ActsAs.PLATFORM,
            retry=step.get("retry", {}),
            error_steps=next((steps for _lane, steps in builder.inside(step, path)), ()),
        )

    def problems(self, check: StepCheck) -> Iterator[Problem]:
        yield from _if_it_fails(check)
        key = check.step["action"]
        action = registry.find_for(key, check.step.get("inputs", {}))
        if action is None:
            yield check.problem("action", "unknown_action", _no_action(key), field="action")
            return
        yield from check.inputs(action, check.step.get("inputs", {}))
        yield from _above(check, action)
        yield from check.accounts(action)

    def declared(self, step: Json) -> Action | None:
        return registry.find_for(step.get("action", ""), step.get("inputs", {}))

    def moves_money(self, step: Json) -> bool:
        return registry.moves_money(step["action"], step.get("inputs", {}))

    def is_destructive(self, step: Json) -> bool:
        return registry.is_destructive(step["action"], step.get("inputs", {}))

    def changes_customers(self, step: Json) -> bool:
        return registry.changes_customers(step["action"], step.get("inputs", {}))

    def writes_to_customers(self, step: Json) -> bool:
        return registry.writes_to_customers(step["action"], step.get("inputs", {}))

    def only_reads(self, step: Json) -> bool:
        action = self.declared(step)
        return action is not None and action.repeat is Repeat.SAFE

    def is_repeatable(self, step: Json) -> bool:
        action = self.declared(step)
        return action is not None and action.repeat.is_automatic

    def sends_values(self, step: Json) -> bool:
        action = self.declared(step)
        return action is None or any("{{" in text for text in action.sent_texts(step["inputs"]))

    def run(self, step: ActionPlan, turn: Turn) -> Answer:
        record = self._recorded(step, turn)
        if record.status == StepStatus.SUCCEEDED:
            turn.give(record.outputs)
        if record.status != StepStatus.FAILED:
            return Next()
        if not step.handles_failure:
            return Stop(RunStatus.FAILED, record.error)
        return self._error_branch(step, turn, record) if step.error_steps else Next()

    def _recorded(self, step: ActionPlan, turn: Turn) -> StepRun:
        """The recorded outcome, after an attempt if there is none yet. Raises `Stopped`."""
        record, walk = turn.record, turn.walk
        if is_recorded(record):
            return record
        walk.make_room(step)
        names = value_names(walk.plan)
        covering = walk.plan.covering.get(step.key, ())
        attempt = Attempt(walk.run, walk.claim, step, turn.scope, turn.path, turn.is_last, names, covering)
        record = attempt.make(record)
        walk.is_left = turn.is_last and record.status == StepStatus.SUCCEEDED
        return record

    def _error_branch(self, step: ActionPlan, turn: Turn, record: StepRun) -> Enter:
        """Run the error branch in place of all that follows a failed step.

        Only the step's record and its version decide whether it is taken, so every worker decides the
        same.
        """
        error = record.error or {}
        turn.give({"error": {name: error.get(name, "") for name in ("message", "code")}})
        return Enter(step.lane(ERROR_BRANCH_KEY), instead=True)

    def rehearse(self, step: ActionPlan, walk: Walk) -> StepResult:
        return rehearse_action(walk, step)

    def asks(self, step: ActionPlan) -> bool:
        action = registry.find_for(step.action, step.inputs)
        return action is None or action.repeat is Repeat.ASK

    def word(self, step: Json) -> str:
        action = registry.find(step["action"])
        return str(action.label) if action else step["action"]

    def icon_of(self, step: Json) -> str:
        action = registry.find(step["action"])
        return action.icon if action else "missing"

    def is_missing(self, step: Json) -> bool:
        return registry.find(step["action"]) is None

    def gives(self, step: Json) -> bool:
        return True


def _above(check: StepCheck, action: Action) -> Iterator[Problem]:
    """A warning that the installation has people approve what moves more than an amount."""
    limits = conf.get("APPROVE_ABOVE")
    if not action.moves_money or not limits:
        return
    others = limits.get(conf.OTHER_CURRENCIES, 0) is not None
    named = sorted((key, limit) for key, limit in limits.items() if key != conf.OTHER_CURRENCIES)
    shown = ", ".join(format_minor(limit, currency) for currency, limit in named)
    if not shown:
        message = _("The run waits at this step until somebody has approved it, whatever the amount.")
    elif others:
        message = _(
            "Above %s, and with any amount of another currency, the run waits at this step until somebody "
            "has approved it."
        )
    else:
        message = _("Above %s, the run waits at this step until somebody has approved it.")
    message = message % shown if shown else message
    yield check.problem("action", "approval_above", message, severity=Severity.WARNING)
    whole = check.place.whole
    document = whole.document if whole else {"steps": [check.step]}
    # It is the same for each of these steps, so it is asked and said at the first one.
    first = next(step["key"] for step in steps_in(document["steps"]) if _calls_for_money(step))
    if first == check.step["key"] and not has_enough(document, (), (), 1, but=frozenset()):
        message = _(
            "Nobody may approve it, so the step would fail. Give people the permission “Can decide on "
            "approvals”, and those that the workflow needs."
        )
        yield check.problem("action", "approval_nobody", message, severity=Severity.WARNING)


def _calls_for_money(step: Json) -> bool:
    action = registry.find_for(step.get("action") or "", step.get("inputs", {}))
    return action is not None and action.moves_money


def _no_action(key: str) -> str:
    if not key:
        return _("Choose an action.")
    message = _("The action “%s” is not installed. Install it, or choose another one.") % key
    return with_close(message, key, (one.key for one in registry.all()))


def _if_it_fails(check: StepCheck) -> Iterator[Problem]:
    error_branch = check.step.get("error_branch")
    if error_branch is not None and not error_branch["steps"]:
        message = _("The branch “If it fails” has no steps, so nobody would notice a failure. Add one.")
        path = "error_branch/steps"
        yield check.problem(path, "empty_error_branch", message, branch=ERROR_BRANCH_KEY)
    for name, code, message in retry_problems(check.step.get("retry", {})):
        yield check.problem(f"retry/{name}", code, message, field=name)
