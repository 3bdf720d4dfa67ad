"""Tells runs that wait of an event that came. The event is stored before, and the look is a statement after.

An event is marked in the transaction that matches it, where some version waits for its type. The sweep looks
for runs that wait for it, and takes the mark away. A run that began to wait meanwhile looks for itself.
"""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from stripeflow.triggers.models import Event, Source
from stripeflow.triggers.sql import Slot, Statement
from stripeflow.workflows.awaiting.rows import WHOLE, side_of
from stripeflow.workflows.definition.same_object import ids_in
from stripeflow.workflows.models import Awaited, AwaitedEvent, AwaitedType, Run, StepRun
from stripeflow.workflows.states import RunStatus, StepStatus

_BATCH = 1000
_FINAL = [status for status in RunStatus if status.is_final]

_waiting = Statement(
    lambda: (
        Awaited.objects.filter(
            **{
                name: Slot(Awaited, name)
                for name in ("event_type", "livemode", "account", "same_as", "object_id")
            },
            since__lte=Slot(Awaited, "since", "created"),
            until__gte=Slot(Awaited, "until", "created"),
        )
        .exclude(run__event=Slot(Run, "event"))
        .values_list("pk")
    )
)
_type = Statement(lambda: AwaitedType.objects.filter(type=Slot(AwaitedType, "type")).values_list("type"))


def mark(events: Sequence[Event]) -> None:
    """Mark those of the events for which runs may wait. They are not saved here."""
    types = {event.type for event in events if event.source == Source.STRIPE}
    awaited = {type_ for type_ in types if _type.rows(type=type_)}
    for event in events:
        event.wakes_pending = event.source == Source.STRIPE and event.type in awaited


def sweep(limit: int = 100) -> int:
    """Tell runs of up to `limit` events, and have those that were told go on; returns how many these are."""
    of_nobody = [event.pk for event in Event.objects.wakes_due()[:limit] if not tell(event)]
    if of_nobody:
        # One commit for all of them. A run that began to wait since the look has seen them by itself.
        Event.objects.filter(pk__in=of_nobody, wakes_pending=True).update(wakes_pending=False)
    return wake()


def tell(event: Event) -> bool:
    """Note the event for each run that may wait for it. Of two sweeps, one does it. False: none waits."""
    if not waiting_for(event):
        return False
    with transaction.atomic():
        if Event.objects.filter(pk=event.pk, wakes_pending=True).update(wakes_pending=False):
            # Again: one that has gone on since waits for nothing more.
            rows = [AwaitedEvent(awaited_id=pk, event=event) for pk in waiting_for(event)]
            AwaitedEvent.objects.bulk_create(rows, batch_size=_BATCH, ignore_conflicts=True)
    return True


def waiting_for(event: Event) -> list[int]:
    """The keys of what runs wait for that the event may be. Their conditions are not asked yet.

    The index is asked for one object at a time: for several at once, a database may read all of the type.
    """
    values = {
        "event_type": event.type,
        "livemode": event.livemode,
        "account": side_of(event.account),
        "created": event.created,
        "event": event.pk,
    }
    objects = [("", ""), *ids_in(event.object)]
    return [pk for name, known in objects for (pk,) in _waiting.rows(**values, same_as=name, object_id=known)]


def wake() -> int:
    """Have runs that were told of an event go on now; returns how many.

    A run that has not come to rest yet is woken by a later sweep. One query if no run was told of anything.
    """
    if not AwaitedEvent.objects.exists():
        return 0
    _clear()
    return sum(map(_wake, _told()))


def _told() -> Iterator[list[UUID]]:
    """The runs that wait and were told of an event, some at a time."""
    last, now = 0, timezone.now()
    told = AwaitedEvent.objects.filter(awaited__run__status=RunStatus.WAITING, awaited__run__due_at__gt=now)
    pairs = told.order_by("awaited").values_list("awaited", "awaited__run")
    is_over = False
    while not is_over and (some := list(pairs.filter(awaited__gt=last)[:_BATCH])):
        is_over, (last, _run) = len(some) < _BATCH, some[-1]
        yield list({run for _awaited, run in some})


def _wake(runs: Sequence[UUID]) -> int:
    """Have those of the runs go on that are at rest where they wait for an event."""
    at_rest = StepRun.objects.filter(
        run=OuterRef("pk"), status=StepStatus.WAITING, due_at__isnull=False, path__in=_paths()
    )
    whole = Awaited.objects.filter(run=OuterRef("pk"), path=WHOLE, events__isnull=False)
    may_go_on = Exists(at_rest) | Exists(whole)
    waiting = Run.objects.filter(may_go_on, status=RunStatus.WAITING, due_at__gt=timezone.now())
    return waiting.filter(pk__in=runs).update(due_at=timezone.now(), rung_at=None)


def _paths() -> "QuerySet[Awaited, Any]":
    """Where the run of a step waits for an event."""
    return Awaited.objects.filter(run=OuterRef("run")).values("path")


def _clear() -> None:
    """Delete what runs that have ended left behind, where they were told of something."""
    left = AwaitedEvent.objects.filter(awaited__run__status__in=_FINAL).order_by("awaited")
    if keys := list(left.values_list("awaited", flat=True)[:_BATCH]):
        delete(keys)


def delete(keys: Iterable[int]) -> None:
    """Delete what was waited for, with the events that were noted for it."""
    Awaited.objects.filter(pk__in=list(keys)).delete()
