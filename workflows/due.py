"""What the ring looks for once a second: everything that waits for nobody but the clock."""

import logging
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import Error
from django.db.models import Q
from django.utils import timezone

from triggers import inbox, mirror
from workflows import conf, reconciling
from workflows.engine.giving_up import give_up_spent
from workflows.engine.transitions import release_over
from workflows.limits import deauthorized
from workflows.models import Run
from workflows.queue import ring
from workflows.states import RunStatus

logger = logging.getLogger(__name__)


# A worker that wakes up works off all queued and due runs, so that a few rings do for many of them. One for
# each would cost more writes than the runs themselves, and keep SQLite's only writer from them.
BELLS = 10


def ring_due(*, limit: int = 500) -> int:
    """Ring the runs that are due and were not rung lately; returns how many.

    Of those that are queued or waited, a few at a time: see `BELLS`. Those that lost their worker are rung
    one by one. Each ring is claimed by a guarded update, so that any number of hosts may do this at once.
    """
    now = timezone.now()
    pause = timedelta(seconds=conf.get("RING_AGAIN_SECONDS"))
    # A ring of the future was made before the clock was set back.
    stale = Q(rung_at__isnull=True) | Q(rung_at__lt=now - pause) | Q(rung_at__gt=now + pause)
    due = Run.objects.in_work().claimable(now).filter(stale).order_by("created_at")
    most = {RunStatus.RUNNING: limit, RunStatus.WAITING: BELLS, RunStatus.QUEUED: BELLS}
    rung = 0
    for status, bells in most.items():
        for pk, rung_at in due.filter(status=status).values_list("pk", "rung_at")[:bells]:
            rung += _ring(pk, rung_at, now)
    return rung


def look_around() -> dict[str, int]:
    """One round of the ring: unmatched events, unmirrored ones, and due runs. Returns the counts.

    What goes wrong in one part keeps none of the others from its turn. Raises the database's error at the
    end; a queue that is away is logged, and rung again next time.
    """
    parts: dict[str, Callable[[], int]] = {
        "matched": inbox.sweep,
        "mirrored": mirror.sweep,
        "settled": deauthorized.settle,
        "released": release_over,
        "given_up": give_up_spent,
        "rung": ring_due,
        "reconciled": reconciling.start_if_due,
    }
    counts, failure = dict.fromkeys(parts, 0), None
    for name, part in parts.items():
        try:
            counts[name] = part()
        except Error as error:
            failure = failure or error
        except Exception:  # the broker's client has errors of its own
            logger.exception("workflows.due.part_failed", extra={"part": name})
    if failure is not None:
        raise failure
    return counts


def _ring(pk: object, rung_at: datetime | None, now: datetime) -> bool:
    if not Run.objects.filter(pk=pk, rung_at=rung_at).update(rung_at=now):
        return False
    ring(pk)  # type: ignore[arg-type]
    return True
