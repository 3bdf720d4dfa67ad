"""Tells runs that wait of an event that came. The event is stored before, and the look is a statement after.

An event is marked in the transaction that matches it, where some version waits for its type. The sweep looks
for runs that wait for it, and takes the mark away. A run that began to wait meanwhile looks for itself.
"""

from collections.abc import Iterable, Sequence
from functools import reduce
from operator import or_
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from stripeflow.triggers.models import Event, Source
from stripeflow.triggers.sql import Slot, Statement
from stripeflow.workflows.awaiting.rows import WHOLE, side_of
from stripeflow.workflows.definition.same_object import ids_in
from stripeflow.workflows.models import Awaited, AwaitedEvent, AwaitedType, Run, StepRun
from stripeflow.workflows.states import RunStatus, StepStatus

_BATCH = 1000
_FINAL = [status for status in RunStatus if status.is_final]

_type = Statement(lambda: AwaitedType.objects.filter(type=Slot(AwaitedType, "type")).values_list("type"))


def mark(events: Sequence[Event]) -> None:
    """Mark those of the events for which runs may wait. They are not saved here."""
    types = {event.type for event in events if event.source == Source.STRIPE}
    awaited = {type_ for type_ in types if _type.rows(type=type_)}
    for event in events:
        event.wakes_pending = event.source == Source.STRIPE and event.type in awaited


def sweep(limit: int = 100) -> int:
    """Tell runs of up to `limit` events, and have those that were told go on; returns how many these are."""
    for event in Event.objects.wakes_due()[:limit]:
        tell(event)
    return wake()


def tell(event: Event) -> int:
    """Note the event for each run that may wait for it; how many there are. Of two sweeps, one does it."""
    with transaction.atomic():
        if not Event.objects.filter(pk=event.pk, wakes_pending=True).update(wakes_pending=False):
            return 0
        rows = [
            AwaitedEvent(awaited_id=pk, event=event) for pk in waiting_for(event).values_list("pk", flat=True)
        ]
        AwaitedEvent.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
        return len(rows)


def waiting_for(event: Event) -> QuerySet[Awaited]:
    """What runs wait for that the event may be. Their conditions are not asked yet."""
    objects = (Q(same_as=name, object_id=known) for name, known in ids_in(event.object))
    return Awaited.objects.filter(
        reduce(or_, objects, Q(same_as="")),
        event_type=event.type,
        livemode=event.livemode,
        account=side_of(event.account),
        since__lte=event.created,
        until__gte=event.created,
    ).exclude(run__event=event)


def wake() -> int:
    """Have runs that were told of an event go on now; returns how many.

    A run that has not come to rest yet is woken by a later sweep.
    """
    _clear()
    told = AwaitedEvent.objects.values("awaited__run")
    at_rest = StepRun.objects.filter(
        run=OuterRef("pk"), status=StepStatus.WAITING, due_at__isnull=False, path__in=_paths()
    )
    whole = Awaited.objects.filter(run=OuterRef("pk"), path=WHOLE, events__isnull=False)
    may_go_on = Exists(at_rest) | Exists(whole)
    waiting = Run.objects.filter(may_go_on, status=RunStatus.WAITING, due_at__gt=timezone.now())
    return waiting.filter(pk__in=told).update(due_at=timezone.now(), rung_at=None)


def _paths() -> "QuerySet[Awaited, Any]":
    """Where the run of a step waits for an event."""
    return Awaited.objects.filter(run=OuterRef("run")).values("path")


def _clear() -> None:
    """Delete what runs that have ended left behind, where they were told of something."""
    left = Awaited.objects.filter(run__status__in=_FINAL, pk__in=AwaitedEvent.objects.values("awaited"))
    if keys := list(left.values_list("pk", flat=True)[:_BATCH]):
        delete(keys)


def delete(keys: Iterable[int]) -> None:
    """Delete what was waited for, with the events that were noted for it."""
    Awaited.objects.filter(pk__in=list(keys)).delete()
