"""What the event of a schedule holds, which its workflow's trigger reads."""

from datetime import datetime

from stripeflow.triggers.types.recurring_schedule.reading import in_seconds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models import Run, Schedule
from stripeflow.workflows.states import RunStatus


def held(at: datetime, *, previous: datetime | None, succeeded: datetime | None) -> Json:
    """For the instant `at`, after `previous`, with the instant of the newest run that succeeded."""
    return {
        "scheduled_for": in_seconds(at),
        "previous_scheduled_for": in_seconds(previous),
        "last_success_at": in_seconds(succeeded),
    }


def held_now(workflow_id: int, now: datetime) -> Json:
    """For a run that a person starts between two times."""
    previous = Schedule.objects.filter(workflow=workflow_id).values_list("last_at", flat=True).first()
    return held(now, previous=previous, succeeded=last_success(workflow_id))


def last_success(workflow_id: int) -> datetime | None:
    """The scheduled instant of the newest run that succeeded."""
    runs = Run.objects.filter(workflow=workflow_id, status=RunStatus.SUCCEEDED).order_by("-created_at")
    return runs.values_list("event__created", flat=True).first()
