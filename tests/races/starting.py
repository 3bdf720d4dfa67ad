"""Several callers that start a workflow on demand at once: with one key, and while it is activated again."""

from uuid import uuid4

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, NotPossible
from stripeflow.workflows.definition.on_demand.setting import declared_in
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import AuditEntry, Run, RunOperation, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.asking import Asked
from stripeflow.workflows.operations.earlier import Invoked
from stripeflow.workflows.operations.invoking import invoke
from tests.races.crowd import at_once
from tests.workflows.documents import action
from tests.workflows.on_demand import on_demand

CALLERS = 8
OLD = {"name": "old", "kind": "text", "label": "Old"}
NEW = {"name": "new", "kind": "text", "label": "New"}


def callers_with_one_key(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _one_key()]


def callers_while_another_version_is_activated(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _while_activating()]


def _workflow(*inputs: dict[str, object]) -> Workflow:
    made = on_demand(*inputs, steps=(action("pay", "test.keyed", text="a"),), name=f"Asked {uuid4().hex}")
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow


def _read(workflow: Workflow) -> Workflow:
    return Workflow.objects.select_related("active_version").get(pk=workflow.pk)


def _one_key() -> list[str]:
    workflow = _workflow(OLD)
    results = at_once(
        *[lambda: invoke(_read(workflow), Asked({"old": "a"}, "order-1"), NOBODY) for _ in range(CALLERS)]
    )
    faults = [f"{result!r}" for result in results if not isinstance(result, Invoked)]
    answers = {result.run.pk for result in results if isinstance(result, Invoked) and result.run}
    new = sum(isinstance(result, Invoked) and result.accepted.created for result in results)
    runs = list(Run.objects.filter(workflow=workflow))
    counts = {
        "new events": new,
        "runs": len(runs),
        "answers": len(answers),
        "operations": RunOperation.objects.filter(run__in=runs).count(),
        "rows": AuditEntry.objects.filter(kind=kinds.RUN_STARTED.key, workflow_id=workflow.pk).count(),
    }
    lifecycle.deactivate(workflow)
    return faults + [f"{number} {what} for one key" for what, number in counts.items() if number != 1]


def _while_activating() -> list[str]:
    """Each run gets the inputs that its own version asks for."""
    workflow = _workflow(OLD)
    document = on_demand(NEW, steps=(action("pay", "test.keyed", text="a"),), name=workflow.name)
    editing.update(_read(workflow), document, revision=_read(workflow).revision)

    def call(number: int) -> Invoked | None:
        try:
            return invoke(_read(workflow), Asked({"old": "a"}, f"old-{number}"), NOBODY)
        except NotPossible:
            return None

    calls = [lambda number=number: call(number) for number in range(CALLERS - 1)]
    results = at_once(*calls, lambda: lifecycle.activate(_read(workflow)))
    faults = [f"{result!r}" for result in results if isinstance(result, Exception)]
    for run in Run.objects.filter(workflow=workflow).select_related("version", "event"):
        asked = declared_in(TriggerPlan.of(run.version.document["trigger"]).settings)
        if set(run.event.object) != {one.name for one in asked}:
            faults.append(f"a run of version {run.version.number} has {sorted(run.event.object)}")
    lifecycle.deactivate(_read(workflow))
    return faults
