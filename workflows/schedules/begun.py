"""What a worker that died had decided, as far as anything has come of it."""

from collections.abc import Iterable
from datetime import datetime

from stripeflow.triggers.models import Event
from stripeflow.triggers.types.recurring_schedule.timing import Timing
from stripeflow.workflows.models import Schedule
from stripeflow.workflows.schedules.deciding import Decision, Standing, decide
from stripeflow.workflows.versions.plans import plan_of


def standing_of(row: Schedule) -> Standing:
    """Where the row stands."""
    return Standing(row.next_at, row.queued_for, row.count)


def begun(row: Schedule, timing: Timing) -> Decision | None:
    """What was decided as of the claim, if one of its times has come about. Else the claim is void: None.

    No run stood in its way then, or nothing would have come about.
    """
    if row.claimed_at is None:
        return None
    decision = decide(standing_of(row), timing, now=row.claimed_at, is_busy=False)
    return decision if came_about(row, decision.ticks) else None


def came_about(row: Schedule, ticks: Iterable[datetime]) -> list[datetime]:
    """Those of the times that have an event, in their order."""
    trigger = plan_of(row.version_id).trigger
    events = Event.objects.filter(
        source=trigger.source, type__in=trigger.topics_for(row.workflow_id), created__in=list(ticks)
    )
    return list(events.order_by("created").values_list("created", flat=True))
