"""The once-a-second sweep: runs, retries and events that are due."""

import logging
from collections.abc import Callable
from contextlib import nullcontext
from datetime import datetime, timedelta
from operator import itemgetter
from uuid import UUID

from django.db import Error, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from stripeflow.triggers import inbox, mirror, queue
from stripeflow.workflows import conf
from stripeflow.workflows.alerts import silent_schedules
from stripeflow.workflows.approvals import mailing
from stripeflow.workflows.awaiting import telling
from stripeflow.workflows.destinations import telling as destinations_telling
from stripeflow.workflows.engine.giving_up import give_up_exhausted
from stripeflow.workflows.limits import deauthorized
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.models import Run
from stripeflow.workflows.queue import notify
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker import delivering, draining, reconciling, ticking

logger = logging.getLogger(__name__)


# A worker that wakes up executes all queued and due runs, so a small batch of messages is enough. One for
# each run would cost more writes than the runs themselves, and block SQLite's only writer.
BATCH = 10
_TURNS = {
    RunStatus.QUEUED: draining.turns(draining.queued, window=BATCH),
    RunStatus.WAITING: draining.turns(draining.due, window=BATCH),
}


def notify_due(*, limit: int = 500) -> int:
    """Notify the workers of runs that are due and were not notified of lately; returns how many.

    At most `BATCH` queued or waiting runs: one drains the others. Each run that lost its worker gets its own
    message. Each message is claimed by a guarded update, so that any number of hosts may do this at once.
    """
    now = timezone.now()
    pause = timedelta(seconds=conf.get("NOTIFY_AGAIN_SECONDS"))
    # A notification in the future was sent before the clock was set back.
    stale = Q(rung_at__isnull=True) | Q(rung_at__lt=now - pause) | Q(rung_at__gt=now + pause)
    due = Run.objects.in_work().claimable(now).filter(stale).order_by("created_at")
    lost = due.filter(status=RunStatus.RUNNING).values_list("pk", "rung_at")[:limit]
    chosen = [*lost, *(row for status in _TURNS for row in _by_turns(due.filter(status=status), status, now))]
    # Messages that are rows of our own database: one commit for all, not two for each, and none for nothing.
    is_one_commit = bool(chosen) and queue.writes_in_transaction()
    with transaction.atomic() if is_one_commit else nullcontext():
        # In one order, so that two hosts that do this at once lock the rows in the same one.
        return sum(_notify(pk, rung_at, now) for pk, rung_at in sorted(chosen, key=itemgetter(0)))


def look_around() -> dict[str, int]:
    """One round of the sweep: unmatched events, unmirrored ones, and due runs. Returns the counts.

    A failure in one part does not stop the others. Raises the database's error at the end; an unreachable
    queue is logged, and notified again next time.
    """
    parts: dict[str, Callable[[], int]] = {
        "ticked": ticking.tick,
        # After the ticks, so that one that has just come about is not silent.
        "silent": silent_schedules.tell_of_silent_schedules,
        "asked": mailing.notify_due,
        "matched": inbox.sweep,
        # After the match, so that an event that was matched late is told of in the same round.
        "told": telling.sweep,
        "mirrored": mirror.sweep,
        "settled": deauthorized.settle,
        "released": release_over,
        "given_up": give_up_exhausted,
        "notified": notify_due,
        "delivered": delivering.notify_due,
        "disabled": destinations_telling.notify_due,
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


def _by_turns(due: QuerySet[Run], status: RunStatus, now: datetime) -> list[tuple[UUID, datetime | None]]:
    """A few of these runs; if there are more, the accounts take turns."""
    rows = due.values_list("pk", "rung_at")
    first = list(rows[:BATCH])
    if len(first) < BATCH:
        return first
    values = {"now": now} if status is RunStatus.WAITING else {}
    accounts = _TURNS[status].following(BATCH, **values)
    share = BATCH // max(len(accounts), 1)
    of_each = [row for whose in accounts for row in rows.filter(**whose._asdict())[:share]]
    return list(dict.fromkeys([*of_each, *first]))[:BATCH]


def _notify(pk: UUID, rung_at: datetime | None, now: datetime) -> bool:
    if not Run.objects.filter(pk=pk, rung_at=rung_at).update(rung_at=now):
        return False
    notify(pk)
    return True
