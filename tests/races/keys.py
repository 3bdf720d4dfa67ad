"""Several runs that come at once to a step which lets one of them pass for each key and period."""

from datetime import timedelta
from unittest import mock
from uuid import uuid4

from django.utils import timezone

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import KeyUse, Run, StepRun, Workflow
from stripeflow.workflows.models.key_use import KeyUseQuerySet
from stripeflow.workflows.operations import lifecycle
from tests.crashes.outside import Door, Outside
from tests.races.crowd import Meeting, at_once
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

RUNS = 8


def runs_of_one_key(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _round()]


def runs_without_a_guard() -> list[str]:
    """The same where each run reads first, and then writes."""
    meeting = Meeting(RUNS)

    def claim(self, run, *, step_key, path, key, every, now):
        is_free = not self.of(run, step_key, key).exclude(used_at__lte=now - every).exists()
        meeting.wait()
        return is_free

    workflow = _workflow()
    with mock.patch.object(KeyUseQuerySet, "claim", claim):
        faults = _pass_once(workflow)
    lifecycle.deactivate(workflow)
    return faults


def _round() -> list[str]:
    """A key that nobody has used, and then the same one when its period is over."""
    workflow = _workflow()
    faults = _pass_once(workflow)
    KeyUse.objects.filter(workflow=workflow).update(used_at=timezone.now() - timedelta(days=8))
    faults += _pass_once(workflow)
    lifecycle.deactivate(workflow)
    return faults


def _workflow() -> Workflow:
    lanes = [
        {"key": "first", "steps": [action("pay", "test.keyed", text="a")]},
        {"key": "again", "steps": []},
    ]
    inputs = {"key": "{{ trigger.customer }}", "amount": 7, "unit": "days"}
    once = {"key": "once", "type": "once", "inputs": inputs, "branches": lanes}
    workflow = lifecycle.create(document(once, name=f"Once {uuid4().hex}"))
    lifecycle.activate(workflow)
    return workflow


def _pass_once(workflow: Workflow) -> list[str]:
    outside = Outside(lambda _name: None)
    runs = []
    for _number in range(RUNS):
        event = accept(payment(id=f"pi_{uuid4().hex}", customer="cus_1"))
        runs.append(Run.objects.get(event=event, workflow=workflow))
    Door.outside = outside
    results = at_once(*[lambda run=run: execute(run.pk) for run in runs])
    passed = StepRun.objects.filter(run__in=runs, path="once", branch_key="first").count()
    faults = [f"{result!r}" for result in results if isinstance(result, Exception)]
    if passed != 1:
        faults.append(f"{passed} of {RUNS} runs passed")
    if sum(outside.effects.values()) != passed:
        faults.append(f"{sum(outside.effects.values())} effects of {passed} runs that passed")
    return faults
