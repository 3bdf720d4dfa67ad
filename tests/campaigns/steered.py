"""A workflow whose steps steer its runs, for the state machine."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, branch, compare, document, group, usd, way


def steered() -> dict[str, Any]:
    """Named values, a step that one run of all passes, a note, and an end for large amounts."""
    large = group(compare("steps.set.paid.amount", "greater_than", usd(500)))
    paid = {"name": "paid", "type": "amount", "value": "{{ trigger.amount }}"}
    lanes = [{"key": "first", "steps": [action("pay", "test.keyed", text="{{ steps.set.paid.amount }}")]}]
    return document(
        {"key": "set", "type": "set_values", "inputs": {"values": [paid]}},
        {
            "key": "once",
            "type": "once",
            "inputs": {"key": "{{ trigger.currency }}", "amount": 400, "unit": "days"},
            "branches": lanes,
        },
        {"key": "note", "type": "note", "inputs": {"text": "For {{ trigger.id }}"}},
        branch(
            "choose",
            way(
                "large",
                large,
                {"key": "stop", "type": "stop", "inputs": {"result": "succeeded", "reason": "Large."}},
            ),
        ),
        action("behind", "test.keyed", text="{{ trigger.id }}"),
        name="Steered",
    )


def judge_steered(keys: Iterable[tuple[str, str]]) -> None:
    """What holds of its runs at any time; `keys` are the runs and steps that have called."""
    passed = StepRun.objects.filter(path="once", branch_key="first").values_list("run", flat=True)
    assert len(passed) <= 1
    assert {UUID(run_id) for run_id, step in keys if step == "pay"} <= set(passed)
    ended = StepRun.objects.filter(path="stop").values("run")
    assert not StepRun.objects.filter(path="behind", run__in=ended).exists()
    assert not Run.objects.filter(pk__in=ended, status=RunStatus.FAILED).exists()
