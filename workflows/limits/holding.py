"""Queueing the runs whose reason to be held is over."""

from functools import reduce
from operator import or_

from django.db.models import Q, QuerySet
from django.utils import timezone

from stripeflow.workflows.limits.gates import ALL, closed
from stripeflow.workflows.models import Run
from stripeflow.workflows.states import RunStatus


def release_over(runs: QuerySet[Run] | None = None) -> int:
    """Queue those of `runs` (by default of all) whose reason to be held is over; returns how many.

    Called where a reason ends; after a run is held, since the reason may have ended meanwhile; and by the
    once-a-second sweep, in case a crash came between the two. The sweep notifies workers of these runs.
    """
    over = reduce(or_, (Q(held_reason=reason) & ~Q(closed(reason)) for reason in ALL))
    # The sweep asks each second: without the index it would read all runs that there ever were.
    among = Run.objects.in_attention() if runs is None else runs
    held = among.filter(over, status=RunStatus.HELD)
    queued = {"status": RunStatus.QUEUED, "queued_at": timezone.now(), "rung_at": None}
    return held.update(held_reason="", error=None, **queued)
