"""What the event of a schedule holds, which its workflow's trigger reads."""

from datetime import datetime

from django.db.models import Exists, OuterRef

from stripeflow.triggers.models import Event
from stripeflow.triggers.types.recurring_schedule.reading import in_seconds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models import Run, Schedule
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.versions.plans import plan_of


def held(at: datetime, *, previous: datetime | None, succeeded: datetime | None) -> Json:
    """For the instant `at`, after `previous`, with the instant of the newest time that succeeded."""
    return {
        "scheduled_for": in_seconds(at),
        "previous_scheduled_for": in_seconds(previous),
        "last_success_at": in_seconds(succeeded),
    }


def held_now(workflow_id: int, now: datetime) -> Json:
    """For a run that a person starts between two times."""
    previous = Schedule.objects.filter(workflow=workflow_id).values_list("last_at", flat=True).first()
    return held(now, previous=previous, succeeded=last_success(workflow_id, now))


def last_success(workflow_id: int, now: datetime) -> datetime | None:
    """The scheduled instant of the newest time up to now whose run succeeded, whenever that run was."""
    version = Schedule.objects.filter(workflow=workflow_id).values_list("version", flat=True).first()
    if version is None:
        return None
    succeeded = Run.objects.filter(event=OuterRef("pk"), workflow=workflow_id, status=RunStatus.SUCCEEDED)
    # By the index of types: newest first, up to the first that succeeded.
    topics = plan_of(version).trigger.topics_for(workflow_id)
    # A clock that was ahead may have started later ones.
    events = Event.objects.filter(type__in=topics, created__lte=now)
    newest = events.filter(Exists(succeeded)).order_by("-created")
    return newest.values_list("created", flat=True).first()
