"""Between the rows that people edit and the document that versions freeze."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.db import transaction

from stripeflow.triggers.types import registry
from stripeflow.workflows.conditions import ValueFault, field_in
from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, Accounts, ActsAs
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.schema import FORMAT
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.drafts.condition_rows import ConditionRows
from stripeflow.workflows.models import Branch, CancelEvent, Condition, Step, Trigger, Workflow
from stripeflow.workflows.models.condition import ConditionKind
from stripeflow.workflows.references import TemplateError, format_path, parse_path


def to_document(workflow: Workflow) -> Json:
    """The document of the workflow's rows as they are now. A few queries, however large it is."""
    return documents_of([workflow])[workflow.pk]


def documents_of(workflows: Iterable[Workflow]) -> dict[int, Json]:
    """The documents of several workflows by primary key, in as many queries as one takes."""
    reader = _Reader(list(workflows))
    return {workflow.pk: reader.document(workflow) for workflow in reader.workflows}


class _Reader:
    """Reads all rows of some workflows once, and nests them in memory."""

    def __init__(self, workflows: list[Workflow]) -> None:
        self.workflows = workflows
        found = Trigger.objects.filter(workflow__in=workflows)
        self.triggers = {trigger.workflow_id: trigger for trigger in found}
        self.steps: dict[tuple[int, int | None], list[Step]] = defaultdict(list)
        self.branches: dict[int, list[Branch]] = defaultdict(list)
        for step in Step.objects.filter(workflow__in=workflows):
            self.steps[step.workflow_id, step.branch_id].append(step)
        for branch in Branch.objects.filter(step__workflow__in=workflows):
            self.branches[branch.step_id].append(branch)
        roots = list(Condition.objects.filter(trigger__workflow__in=workflows))
        roots += Condition.objects.filter(branch__step__workflow__in=workflows)
        self.cancels: dict[int, list[CancelEvent]] = defaultdict(list)
        for one in CancelEvent.objects.filter(trigger__workflow__in=workflows):
            self.cancels[one.trigger_id].append(one)
        if self.cancels:
            roots += Condition.objects.filter(cancel_event__trigger__workflow__in=workflows)
        self.conditions = ConditionRows(roots)

    def document(self, workflow: Workflow) -> Json:
        trigger = self.triggers.get(workflow.pk) or Trigger(workflow=workflow)
        return {
            "format": FORMAT,
            "name": workflow.name,
            "description": workflow.description,
            "trigger": {
                "type": trigger.type,
                **_defaults(trigger.type),
                **trigger.settings,
                **_scope(trigger),
                **({"caused_events": trigger.caused_events} if trigger.caused_events else {}),
                **self._cancel_when(trigger),
                "conditions": self.conditions.group(trigger.match, ("trigger", trigger.pk)),
            },
            "steps": self._steps(workflow.pk, None),
        }

    def _cancel_when(self, trigger: Trigger) -> Json:
        rows = self.cancels.get(trigger.pk, ())
        return {"cancel_when": [self._cancel_event(row) for row in rows]} if rows else {}

    def _cancel_event(self, row: CancelEvent) -> Json:
        group = self.conditions.group(row.match, ("cancel_event", row.pk))
        return {
            "event": row.event,
            **({"same_as": row.same_as} if row.same_as else {}),
            **({"conditions": group} if group["conditions"] else {}),
        }

    def _steps(self, workflow: int, branch: int | None) -> list[Json]:
        return [self._step(step) for step in self.steps[workflow, branch]]

    def _step(self, step: Step) -> Json:
        head = {"key": step.key, "type": step.kind, "name": step.name}
        block = kinds.named(step.kind)
        return {
            **head,
            **block.written(step),
            **({"branches": self._branches(step, block)} if block.has_lanes else {}),
            **({"error_branch": self._error_branch(step)} if block.has_error_lane(step) else {}),
        }

    def _branches(self, step: Step, block: kinds.Block) -> list[Json]:
        rows = (branch for branch in self.branches[step.pk] if not branch.on_error)
        return [self._branch(step, branch, block) for branch in rows]

    def _error_branch(self, step: Step) -> Json:
        branch = next((branch for branch in self.branches[step.pk] if branch.on_error), None)
        return {"steps": self._steps(step.workflow_id, branch.pk) if branch else []}

    def _branch(self, step: Step, branch: Branch, block: kinds.Block) -> Json:
        head = {"key": branch.key, "name": branch.name}
        steps = {"steps": self._steps(step.workflow_id, branch.pk)}
        if branch.otherwise:
            return {**head, "otherwise": True, **steps}
        if not block.adds_lanes and not block.lanes_may_ask:
            return {**head, **steps}
        group = self.conditions.group(branch.match, ("branch", branch.pk))
        if not block.adds_lanes and not group["conditions"]:
            return {**head, **steps}
        return {**head, "conditions": group, **steps}


def _defaults(trigger_type: str) -> Json:
    found = registry.find(trigger_type)
    return found.defaults() if found else {}


def _scope(trigger: Trigger) -> Json:
    if not trigger.mode:
        return {}
    listed = trigger.accounts == Accounts.LISTED
    return {
        "scope": {"mode": trigger.mode, "accounts": trigger.listed_accounts if listed else trigger.accounts}
    }


def _scope_columns(trigger: Json) -> Json:
    """The scope of a document's trigger as its row has it; empty where nobody has chosen."""
    scope = scope_of(trigger)
    if not scope.is_chosen:
        return {}
    return {"mode": scope.mode, "accounts": scope.accounts, "listed_accounts": list(scope.listed)}


@transaction.atomic
def replace_rows(workflow: Workflow, document: Json) -> None:
    """Make the rows of a saved `workflow` those of `document`, which has the structure of format 1.

    The caller guards the workflow's revision.
    """
    Step.objects.filter(workflow=workflow).delete()
    Trigger.objects.filter(workflow=workflow).delete()
    source = document["trigger"]
    group = source.get("conditions") or {"match": "all", "conditions": []}
    trigger = Trigger.objects.create(
        workflow=workflow,
        type=source["type"],
        settings=TriggerPlan.of(source).normal_settings,
        match=group["match"],
        **_scope_columns(source),
        caused_events=source.get("caused_events", ""),
    )
    write_conditions(group["conditions"], trigger=trigger)
    for position, one in enumerate(source.get("cancel_when", ())):
        _write_cancel_event(trigger, one, position)
    write_steps(workflow, document["steps"])


def _write_cancel_event(trigger: Trigger, source: Json, position: int) -> None:
    group = source.get("conditions") or {"match": "all", "conditions": []}
    row = CancelEvent.objects.create(
        trigger=trigger,
        position=position,
        event=source["event"],
        same_as=source.get("same_as", ""),
        match=group["match"],
    )
    write_conditions(group["conditions"], cancel_event=row)


def write_steps(
    workflow: Workflow, steps: Iterable[Json], *, branch: Branch | None = None, start: int = 0
) -> list[Step]:
    """Add `steps`, to any depth, below `branch` or at the top level; returns the rows of this level."""
    return [
        _write_step(workflow, step, branch=branch, position=position)
        for position, step in enumerate(steps, start)
    ]


def _write_step(workflow: Workflow, source: Json, *, branch: Branch | None, position: int) -> Step:
    step = Step.objects.create(
        workflow=workflow,
        branch=branch,
        position=position,
        key=source["key"],
        kind=source["type"],
        name=source.get("name", ""),
        action=source.get("action", ""),
        inputs=source.get("inputs", {}),
        on_error=source.get("on_error", "stop"),
        acts_as=source.get("acts_as", ActsAs.EVENT),
        retry=source.get("retry", {}),
        if_undecided=source.get("if_undecided", ""),
    )
    for number, child in enumerate(source.get("branches", ())):
        _write_branch(step, child, number)
    if error_branch := source.get("error_branch"):
        branch = Branch.objects.create(step=step, key=ERROR_BRANCH_KEY, on_error=True)
        write_steps(workflow, error_branch["steps"], branch=branch)
    return step


def _write_branch(step: Step, source: Json, position: int) -> None:
    group = source.get("conditions") or {"match": "all", "conditions": []}
    branch = Branch.objects.create(
        step=step,
        position=position,
        key=source["key"],
        name=source.get("name", ""),
        match=group["match"],
        otherwise=source.get("otherwise", False),
    )
    write_conditions(group["conditions"], branch=branch)
    write_steps(step.workflow, source["steps"], branch=branch)


def write_conditions(conditions: Iterable[Json], **home: Any) -> None:
    """Add condition rows, to any depth, to one `trigger=`, `branch=`, `cancel_event=` or `parent=`."""
    for position, source in enumerate(conditions):
        if "operator" in source:
            kind = ConditionKind.TEST
        else:
            kind = ConditionKind.LIST if "quantifier" in source else ConditionKind.GROUP
        row = Condition.objects.create(
            **home,
            position=position,
            kind=kind,
            field=_usual(source.get("field", "")),
            operator=source.get("operator", ""),
            value=_usual_value(source.get("value")),
            read_as=source.get("as", ""),
            match=source.get("match", "all"),
            quantifier=source.get("quantifier", "any"),
        )
        write_conditions(source.get("conditions", ()), parent=row)


def _usual(path: str) -> str:
    """A path in its usual form: `data[0]` is `data.0`. A path that cannot be read is left unchanged."""
    try:
        return format_path(parse_path(path)) if path else ""
    except TemplateError:
        return path


def _usual_value(value: Any) -> Any:
    """A value that is another field, with its path in the usual way; any other as it is."""
    try:
        other = field_in(value)
    except ValueFault:
        return value
    return f"{{{{ {other.field} }}}}" if other else value
