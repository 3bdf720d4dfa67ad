"""The kill switch: while it is thrown, no step starts. Workers see it within two seconds."""

import logging
import time
from typing import Any

from django.db import transaction
from django.utils import timezone

from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.models import Beat, Run, Schedule
from stripeflow.workflows.models.limits import Switch
from stripeflow.workflows.models.names import name_of
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.schedules.leaving_out import pass_over_due

logger = logging.getLogger(__name__)

# Seconds for which a worker trusts its last read.
KEEP_SECONDS = 2.0
# The beat that says since when a restored backup is being checked.
_RESTORED = "restored"
_seen: tuple[float, bool] = (float("-inf"), False)


def is_stopped() -> bool:
    """Whether the switch is thrown, as of at most two seconds ago."""
    global _seen
    now = time.monotonic()
    at, is_stopped = _seen  # at once, since other threads put another pair in its place
    if now - at >= KEEP_SECONDS:
        is_stopped = Switch.objects.filter(pk=Switch.ROW, stopped_at__isnull=False).exists()
        _seen = (now, is_stopped)
    return is_stopped


def forget() -> None:
    """Look at the row again next time."""
    global _seen
    _seen = (float("-inf"), False)


def is_restoring() -> bool:
    """Whether the switch is thrown after a restored backup, which may have forgotten steps that were done."""
    return Beat.objects.filter(name=_RESTORED).exists()


def stop_restored(*, reason: str) -> None:
    """Throw the switch after a restored backup: see `is_restoring`. The switch put back ends that."""
    Beat.objects.write(_RESTORED)
    stop(reason=reason)


def stop(*, user: Any = None, reason: str = "") -> bool:
    """Throw the switch: calls under way finish, and no further one starts. Workers hold the runs they take.

    False if it was thrown already: then the first reason stands.
    """
    values = {"stopped_at": timezone.now(), "user": user, "user_name": name_of(user), "reason": reason[:500]}
    _switch, created = Switch.objects.get_or_create(pk=Switch.ROW, defaults=values)
    landed = created or Switch.objects.filter(pk=Switch.ROW, stopped_at=None).update(**values)
    forget()
    if landed:
        logger.warning("workflows.switch.stopped", extra={"reason": reason})
    return bool(landed)


def start(*, user: Any = None) -> int:
    """Put the switch back, and queue the runs that it held; returns how many. The sweep wakes them.

    Times of schedules that passed meanwhile are left out, also those that no worker has looked at.
    """
    Beat.objects.filter(name=_RESTORED).delete()
    values = {"stopped_at": None, "user": user, "user_name": name_of(user), "reason": ""}
    with transaction.atomic():
        thrown = Switch.objects.filter(pk=Switch.ROW, stopped_at__isnull=False)
        if thrown.update(**values):
            pass_over_due(Schedule.objects.all(), reason=LeftOutReason.STOPPED, now=timezone.now())
        else:
            Switch.objects.update_or_create(pk=Switch.ROW, defaults=values)
    forget()
    released = release_over(Run.objects.filter(held_reason=HeldReason.SWITCH))
    logger.warning("workflows.switch.started", extra={"released": released})
    return released


def current() -> Switch:
    """The switch as it is now, for pages."""
    return Switch.objects.filter(pk=Switch.ROW).first() or Switch(pk=Switch.ROW)
