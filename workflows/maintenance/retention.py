"""Empties old finished rows: payloads, inputs, outputs, explanations, values in errors. The rows stay.

So an event that Stripe sends again after years is still a duplicate, and a call of ours still ours.
"""

import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions import rate_limit
from stripeflow.actions.customer_mail import daily, once
from stripeflow.triggers.models import Event, FetchState, MirrorState
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import (
    Approval,
    Awaited,
    AwaitedEvent,
    Beat,
    Edit,
    KeyUse,
    LeftOutTime,
    LoopItem,
    OutgoingEvent,
    Run,
    StepRun,
    failures,
)
from stripeflow.workflows.models.key_use import LONGEST
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

BATCH = 500
_FINAL = [status for status in RunStatus if status.is_final]


class Emptied(Exception):
    """The event's payload is gone, so it cannot start anything. The message is a sentence."""


@dataclass(frozen=True)
class Pruned:
    """How many rows were emptied, or would be."""

    runs: int
    events: int


def prune(
    older_than: timedelta,
    *,
    batch: int = BATCH,
    dry_run: bool = False,
    act: Act = NOBODY,
    report: Callable[[Pruned], None] = lambda _so_far: None,
) -> Pruned:
    """Empty the runs that ended, and the events that arrived, before that time.

    Runs that are not finished stay as they are, and so do their events, and events that are not fetched,
    matched or mirrored yet. Each batch is a short transaction of its own, so the command can be killed at
    any time and run again. `report` gets the sums after each batch.
    """
    cutoff = timezone.now() - older_than
    if dry_run:
        return Pruned(_old_runs(cutoff).count(), _old_events(cutoff, unless=_busy(cutoff)).count())
    runs = events = 0
    for number in _batches(_old_runs(cutoff), "created_at", batch, _empty_runs):
        runs += number
        report(Pruned(runs, events))
    for number in _batches(_old_events(cutoff), "received_at", batch, _empty_events):
        events += number
        report(Pruned(runs, events))
    # Hosts that are gone, and turns that no process takes any more.
    Beat.objects.filter(at__lt=cutoff).delete()
    # Rate limits that no call uses any more, such as those of accounts that are gone.
    rate_limit.forget(before=cutoff)
    daily.forget(before=cutoff)
    _delete_old(cutoff, batch)
    with transaction.atomic():
        record(kinds.PRUNED, act, after={"runs": runs, "events": events, "days": older_than.days})
    logger.info("workflows.retention.pruned", extra={"runs": runs, "events": events})
    return Pruned(runs, events)


def keep_event(event_id: int) -> Event:
    """The event, locked until the end of the transaction, so that it is not emptied while a run starts.

    Raises `Emptied`.
    """
    event = Event.objects.select_for_update().get(pk=event_id)
    if event.pruned_at is not None:
        raise Emptied(
            _(
                "The payload of the event %(event)s was emptied on %(day)s because of its age; nothing can "
                "run on it."
            )
            % {"event": event.external_id, "day": f"{event.pruned_at:%Y-%m-%d}"}
        )
    return event


def _delete_old(cutoff: datetime, batch: int) -> None:
    """Delete what many rows pile up of, in batches."""
    # No step asks for uses of keys that old, whatever its period.
    uses = KeyUse.objects.filter(used_at__lt=timezone.now() - LONGEST)
    sum(_batches(uses, "used_at", batch, partial(_delete, uses)))
    mails = once.old()
    sum(_batches(mails, "taken_at", batch, partial(_delete, mails)))
    # What runs that have ended left behind.
    left = Awaited.objects.filter(until__lt=cutoff, run__status__in=_FINAL)
    sum(_batches(left, "until", batch, partial(_delete, left)))
    # Nobody undoes changes that old.
    edits = Edit.objects.filter(made_at__lt=cutoff)
    sum(_batches(edits, "made_at", batch, partial(_delete, edits)))
    # Nobody asks why a schedule started nothing that long ago.
    left_out = LeftOutTime.objects.filter(last_at__lt=cutoff)
    sum(_batches(left_out, "last_at", batch, partial(_delete, left_out)))
    # With its deliveries, and their attempts.
    sent = OutgoingEvent.objects.filter(occurred_at__lt=cutoff).exclude(deliveries__next_at__isnull=False)
    sum(_batches(sent, "occurred_at", batch, partial(_delete, sent)))


def _delete(rows: QuerySet, ids: list) -> int:
    """Delete those that are still among the rows: a key may have been used again meanwhile."""
    return rows.filter(pk__in=ids).delete()[0]


def _batches(rows: QuerySet, order: str, size: int, empty: Callable[[list], int]) -> Iterator[int]:
    """Empty the rows in the order of an indexed time, so that no row is read twice."""
    last: datetime | None = None
    while True:
        further = rows if last is None else rows.filter(**{f"{order}__gte": last})
        found = list(further.order_by(order, "pk").values_list("pk", order)[:size])
        if not found:
            return
        last = found[-1][1]
        with transaction.atomic():
            landed = empty([pk for pk, _at in found])
        yield landed


def _old_runs(cutoff: datetime) -> QuerySet[Run]:
    # A run is created before it ends; the first condition is there for its index.
    return Run.objects.filter(
        created_at__lt=cutoff, finished_at__lt=cutoff, status__in=_FINAL, pruned_at=None
    )


def _old_events(cutoff: datetime, *, unless: QuerySet[Run] | None = None) -> QuerySet[Event]:
    unless = Run.objects.filter(pruned_at=None) if unless is None else unless
    done = Q(matched_at__isnull=False) | Q(fetch_state=FetchState.FAILED)
    old = Event.objects.filter(done, received_at__lt=cutoff, pruned_at=None, wakes_pending=False)
    # A run that is held may not have looked at it yet.
    old = old.filter(~Exists(AwaitedEvent.objects.filter(event=OuterRef("pk"))))
    old = old.exclude(mirror_state=MirrorState.PENDING)
    return old.filter(~Exists(unless.filter(event=OuterRef("pk"))))


def _busy(cutoff: datetime) -> QuerySet[Run]:
    """Runs that will not be emptied, and keep their events."""
    return Run.objects.filter(pruned_at=None).exclude(pk__in=_old_runs(cutoff).values("pk"))


def _empty_runs(ids: list) -> int:
    now = timezone.now()
    # The guard: a run that was retried meanwhile is no longer finished.
    rows = Run.objects.filter(pk__in=ids, status__in=_FINAL, pruned_at=None)
    landed = rows.update(pruned_at=now, explanation=None)
    steps = StepRun.objects.filter(run__in=ids, run__pruned_at=now)
    steps.update(inputs=None, outputs=None, explanation=None)
    items = LoopItem.objects.filter(loop__run__in=ids, loop__run__pruned_at=now)
    items.update(value=None)
    Approval.objects.filter(run__in=ids, run__pruned_at=now).update(question="", would=[], sums={})
    _empty_errors(Run.objects.filter(pk__in=ids, pruned_at=now))
    _empty_errors(steps)
    _empty_errors(items)
    return landed


def _empty_errors(rows: QuerySet) -> None:
    """Keep only each error's sentence without values. No other code writes rows that are emptied."""
    failed = list(rows.exclude(error=None).only("pk", "error"))
    for row in failed:
        row.error = failures.emptied(row.error)
    rows.model.objects.bulk_update(failed, ["error"])


def _empty_events(ids: list) -> int:
    # Lock first: what starts a run on one of them holds the lock, and its run is seen after that.
    list(Event.objects.select_for_update().filter(pk__in=ids).order_by("pk").values_list("pk"))
    rows = Event.objects.filter(pk__in=ids, pruned_at=None)
    idle = rows.filter(~Exists(Run.objects.filter(event=OuterRef("pk"), pruned_at=None)))
    return idle.update(stored_payload={}, raw_body="", pruned_at=timezone.now())
