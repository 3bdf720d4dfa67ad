"""Several callers that start a workflow on demand at once: with one key, and while it is activated again."""

from functools import partial
from uuid import uuid4

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, NotPossible
from stripeflow.workflows.definition.on_demand.setting import declared_in
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import AuditEntry, Run, RunOperation, Workflow
from stripeflow.workflows.operations import bulk, lifecycle
from stripeflow.workflows.operations.asking import Asked
from stripeflow.workflows.operations.earlier import Invoked
from stripeflow.workflows.operations.invoking import invoke
from stripeflow.workflows.operations.table import Row
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


def callers_with_one_table(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _one_table()]


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


def _one_table() -> list[str]:
    """Several send the same table: each is told the same runs, and each line has started one."""
    workflow = _workflow(OLD)
    rows = [Row(number, {"old": str(number)}) for number in range(1, 2 * bulk.TOGETHER + 3)]
    call = partial(bulk.start, rows=rows, asked=Asked({}, "table-1"), act=NOBODY)
    results = at_once(*[lambda: call(_read(workflow)) for _ in range(CALLERS)])
    faults = [f"{result!r}" for result in results if not isinstance(result, list)]
    lines = [line for result in results if isinstance(result, list) for line in result]
    wanted = {
        "lines without a run": (sum(line.run is None for line in lines), 0),
        "new lines": (sum(line.is_new for line in lines), len(rows)),
        "runs that were told": (len({line.run.pk for line in lines if line.run}), len(rows)),
        "runs": (Run.objects.filter(workflow=workflow).count(), len(rows)),
        "rows": (
            AuditEntry.objects.filter(kind=kinds.RUN_STARTED.key, workflow_id=workflow.pk).count(),
            len(rows),
        ),
    }
    lifecycle.deactivate(workflow)
    return faults + [
        f"{seen} {what} for {number}" for what, (seen, number) in wanted.items() if seen != number
    ]


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
