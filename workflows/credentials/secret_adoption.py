"""Moves values of secret inputs that older versions kept in clear into secrets, and leaves their names.

A command does it, and no migration: the keys that encrypt may be missing where migrations run, only loaded
actions say which inputs are secret, and a worker of the version before could not read a name.
"""

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction
from django.db.models import F

from stripeflow.triggers.redaction import hidden_here, hiding
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.credentials.adopted_values import AdoptedValues
from stripeflow.workflows.definition.clear_secrets import secret_kinds, values_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.models import Edit, Run, Step, StepRun, Workflow, WorkflowVersion
from stripeflow.workflows.versions.plans import forget_plans

_BATCH = 500


@dataclass
class Adopted:
    """What was moved of one workflow, in rows, and what was not, by the titles of steps and inputs."""

    title: str
    steps: int = 0
    versions: int = 0
    undo_copies: int = 0
    step_runs: int = 0
    secrets: list[str] = field(default_factory=list)
    left: set[str] = field(default_factory=set)

    @property
    def rows(self) -> dict[str, int]:
        """The numbers of changed rows, by what they are."""
        names = ("steps", "versions", "undo_copies", "step_runs")
        return {name: getattr(self, name) for name in names}


def adopt(*, dry_run: bool = False, act: Act = NOBODY) -> list[Adopted]:
    """Move what can be moved, each workflow in a transaction of its own; `dry_run` takes all back again.

    Returns the workflows that have or had such values. May be repeated.
    """
    if not secret_kinds():
        return []
    values, found = AdoptedValues(), []
    for pk in list(Workflow.objects.order_by("pk").values_list("pk", flat=True)):
        with transaction.atomic():
            done = _workflow(pk, values, act)
            if dry_run:
                transaction.set_rollback(True)
        if done is not None and (any(done.rows.values()) or done.left):
            found.append(done)
    forget_plans()
    return found


def _workflow(pk: int, values: AdoptedValues, act: Act) -> Adopted | None:
    # As an UPDATE it locks the row, so that no editor and no activation comes in between.
    if not Workflow.objects.filter(pk=pk).update(status=F("status")):
        return None
    workflow = Workflow.objects.get(pk=pk)
    done = Adopted(workflow.name)
    values.begin(workflow.name, act, done.left)
    done.steps = _draft(workflow, values)
    done.versions = sum(_versions(workflow, values))
    done.undo_copies = sum(_undo_copies(workflow, values))
    done.step_runs = sum(_step_runs(workflow, values))
    done.secrets = sorted(values.used)
    if any(done.rows.values()):
        record(kinds.SECRETS_ADOPTED, act, workflow, after={"secrets": done.secrets, **done.rows})
    return done


def _draft(workflow: Workflow, values: AdoptedValues) -> int:
    changed = 0
    for step in Step.objects.filter(workflow=workflow, action__in=secret_kinds()):
        moved = values.named(step.action, step.inputs, _title(step.name, step.action, step.key))
        if moved != step.inputs:
            changed += Step.objects.filter(pk=step.pk).update(inputs=moved)
    if changed:
        # An open editor shows the draft as it was before.
        Workflow.objects.filter(pk=workflow.pk).update(revision=F("revision") + 1)
    return changed


def _versions(workflow: Workflow, values: AdoptedValues) -> Iterator[int]:
    """The only change ever made to a version: it does the same, and its value is stored as a secret."""
    for pk, document in workflow.versions.order_by("-number").values_list("pk", "document").iterator(1):
        if values_in(document) and (moved := _named(document, values)) != document:
            yield WorkflowVersion.objects.filter(pk=pk).update(document=moved)


def _undo_copies(workflow: Workflow, values: AdoptedValues) -> Iterator[int]:
    for pk, document in Edit.objects.filter(workflow=workflow).values_list("pk", "document"):
        if values_in(document) and (moved := _named(document, values)) != document:
            yield Edit.objects.filter(pk=pk).update(document=moved)


def _named(document: Json, values: AdoptedValues) -> Json:
    copy = deepcopy(document)
    for place in steps(copy):
        step = place.step
        if "inputs" in step:
            step["inputs"] = values.named(step.get("action", ""), step["inputs"], step_title(step))
    return copy


def _step_runs(workflow: Workflow, values: AdoptedValues) -> Iterator[int]:
    """Each by a guarded update. A row that a worker has just changed is left for the next time."""
    rows = StepRun.objects.filter(run__workflow=workflow, action__in=secret_kinds(), inputs__isnull=False)
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk")[:_BATCH]):
        last = batch[-1].pk
        for row in batch:
            yield _step_run(row, values)


def _step_run(row: StepRun, values: AdoptedValues) -> int:
    title = _title(row.name, row.action, row.step_key)
    inputs = values.named(row.action, row.inputs, title, rendered=True)
    changed: dict[str, Any] = {"inputs": inputs, "outputs": row.outputs, "error": row.error}
    with hiding(values.of(row.action, inputs)):
        changed |= {name: hidden_here(changed[name]) for name in ("outputs", "error")}
        changed = {name: value for name, value in changed.items() if value != getattr(row, name)}
        if not changed:
            return 0
        if "error" in changed:
            _run_error(row)
    same = StepRun.objects.filter(pk=row.pk, status=row.status, token=row.token, attempts=row.attempts)
    landed = same.update(**changed)
    if not landed:
        values.leave(title, row.action)
    return landed


def _run_error(row: StepRun) -> None:
    """A failed run repeats the error of its step."""
    run = Run.objects.only("status", "error").get(pk=row.run_id)
    hidden = hidden_here(run.error)
    if hidden != run.error:
        Run.objects.filter(pk=run.pk, status=run.status).update(error=hidden)


def _title(name: str, action: str, key: str) -> str:
    return step_title({"type": "action", "name": name, "action": action, "key": key})
