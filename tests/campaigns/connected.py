"""Workflows that start each other, for the state machine."""

from collections.abc import Iterable
from typing import Any

from stripeflow.triggers.models import Event
from stripeflow.workflows.engine.children import started_by
from stripeflow.workflows.models import Run, StepRun, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import EVERYTHING, action, document, group

# The path of the step that runs the other workflow, and of what its failure runs.
CALL, UNDO = "call", "undo"


def child() -> dict[str, Any]:
    """One keyed step, on demand."""
    made = document(action("acts", "test.keyed", text="{{ trigger.what }}"), name="Child")
    asks = {"name": "what", "kind": "text", "label": "What", "required": True}
    return {
        **made,
        "trigger": {"type": "on_demand", "asks_for": [asks], "scope": EVERYTHING, "conditions": group()},
    }


def parent(child_id: int, name: str = "Child") -> dict[str, Any]:
    """Runs the child and waits for it, then acts; if anything fails, something is undone."""
    values = [{"input": "what", "value": "{{ trigger.id }}"}]
    inputs = {"workflow": f"{child_id}: {name}", "values": values, "wait": True}
    undo = action(UNDO, "test.keyed", text="{{ steps.on_failure.code }}")
    return document(
        {"key": CALL, "type": "run_workflow", "inputs": inputs},
        action("then", "test.keyed", text="{{ steps.call.status }}"),
        {"key": "on_failure", "type": "on_failure", "branches": [{"key": "failed", "steps": [undo]}]},
        name="Parent",
    )


def listener(parent_id: int) -> dict[str, Any]:
    """Starts on each run of the parent that failed or was canceled."""
    made = document(action("heard", "test.keyed", text="{{ trigger.run }}"), name="Listener")
    trigger = {
        "type": "workflow_finished",
        "ends_as": ["failed", "canceled"],
        "of_workflows": [{"id": parent_id, "name": "Parent"}],
        "scope": EVERYTHING,
        "conditions": group(),
    }
    return {**made, "trigger": trigger}


def activate_all() -> None:
    """The three of them."""
    inner = _active(child())
    outer = _active(parent(inner.pk))
    _active(listener(outer.pk))


def of_stripe() -> Iterable[str]:
    """The IDs of the events that came from outside."""
    return Event.objects.filter(source="stripe").values_list("external_id", flat=True)


def judge() -> None:
    """What holds of them at any time."""
    _a_run_goes_on_behind_another_only_if_that_succeeded()
    _steps_for_a_failure_run_only_if_one_failed()
    _who_listens_hears_of_each_end_once()


def _active(made: dict[str, Any]) -> Workflow:
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow


def _a_run_goes_on_behind_another_only_if_that_succeeded() -> None:
    called = StepRun.objects.filter(path=CALL, status=StepStatus.SUCCEEDED)
    for key in called.values_list("idempotency_key", flat=True):
        found = started_by([key]).filter(rerun_of=None).values_list("status", flat=True)
        assert list(found) == [RunStatus.SUCCEEDED], key


def _steps_for_a_failure_run_only_if_one_failed() -> None:
    undone = StepRun.objects.filter(step_key=UNDO)
    failed = StepRun.objects.filter(status=StepStatus.FAILED).exclude(step_key=UNDO)
    assert not undone.exclude(run__in=failed.values("run")).exists()
    assert not undone.filter(run__status=RunStatus.SUCCEEDED, run__operations=None).exists()


def _who_listens_hears_of_each_end_once() -> None:
    ends = (RunStatus.FAILED, RunStatus.CANCELED)
    for run in Run.objects.filter(workflow__name="Parent", status__in=ends):
        told = Event.objects.filter(source="workflow", external_id__endswith=f":{run.pk}:{run.claims}")
        heard = told.filter(type__startswith=f"run.{run.status}:")
        assert Run.objects.filter(event__in=heard, rerun_of=None).count() == 1, run.pk
