"""The row of a workflow's schedule, as its workflow is activated and deactivated."""

import json
from datetime import datetime
from hashlib import sha256

from stripeflow.triggers.types.recurring_schedule.timing import Timing
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import Schedule, WorkflowVersion
from stripeflow.workflows.schedules.silence import silent_from


def begin(version: WorkflowVersion, trigger: TriggerPlan, now: datetime) -> None:
    """Have the version come about from now on, if its trigger has times. Called within the activation.

    With the same settings as before it goes on where it is, and counts on. Times that passed while it was not
    active are not caught up.
    """
    timing = trigger.timing_of(version.workflow_id)
    if timing is None:
        end(version.workflow_id)
        return
    rows = Schedule.objects.filter(workflow=version.workflow_id)
    same = rows.filter(fingerprint=_fingerprint(trigger))
    if same.filter(look_at__isnull=False).update(version=version):
        return
    count = same.values_list("count", flat=True).first() or 0
    Schedule.objects.update_or_create(
        workflow_id=version.workflow_id,
        defaults={
            "version": version,
            "fingerprint": _fingerprint(trigger),
            "count": count,
            **_from(now, timing, count),
        },
    )


def end(workflow_id: int) -> None:
    """Nothing comes about any more, also not what waits for a run to end."""
    Schedule.objects.filter(workflow=workflow_id).update(
        next_at=None, look_at=None, claimed_at=None, queued_for=None, silent_from=None
    )


def _from(now: datetime, timing: Timing, count: int) -> dict[str, datetime | None]:
    is_over = timing.most is not None and count >= timing.most
    following = None if is_over else timing.timetable.next_after(now)
    return {
        "next_at": following,
        "look_at": timing.begins(following) if following else None,
        "looked_at": now,
        "claimed_at": None,
        "queued_for": None,
        "silent_from": silent_from(timing, now) if following else None,
    }


def _fingerprint(trigger: TriggerPlan) -> str:
    return sha256(json.dumps([trigger.type, trigger.settings], sort_keys=True).encode()).hexdigest()
