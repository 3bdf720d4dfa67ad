"""Ten workers that look at one schedule at once, when its time has come."""

from stripeflow.triggers.models import Event
from stripeflow.workflows.models import LeftOutTime, Run, Schedule
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.worker import ticking
from tests.races.crowd import at_once
from tests.workflows.documents import action
from tests.workflows.schedules.documents import scheduled

WORKERS = 10


def workers_on_one_schedule(rounds: int) -> list[str]:
    return [fault for _ in range(rounds) for fault in _one_time()]


def _one_time() -> list[str]:
    made = scheduled(action("pay", "test.keyed", text="a"), repeats="hours", every=1)
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    at = Schedule.objects.get(workflow=workflow).next_at
    results = at_once(*[lambda: ticking.tick(at)] * WORKERS)
    faults = [f"{error!r}" for error in results if isinstance(error, Exception)]
    events = Event.objects.filter(external_id__startswith=f"{workflow.pk}:")
    found = (events.count(), Run.objects.filter(workflow=workflow).count())
    if found != (1, 1):
        faults.append("{} events and {} runs of one time".format(*found))
    after = Schedule.objects.get(workflow=workflow)
    if (after.last_at, after.count) != (at, 1) or LeftOutTime.objects.filter(workflow=workflow).exists():
        faults.append(f"one time was counted {after.count} times")
    lifecycle.deactivate(workflow)
    return faults
