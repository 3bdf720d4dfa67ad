"""Workflows that start each other, for the state machine."""

from typing import Any

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


def parent(child_id: int) -> dict[str, Any]:
    """Runs the child and waits for it, then acts; if anything fails, something is undone."""
    values = [{"input": "what", "value": "{{ trigger.id }}"}]
    inputs = {"workflow": f"{child_id}: Child", "values": values, "wait": True}
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
