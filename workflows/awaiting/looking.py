"""Which stored events a run may have waited for. The conditions are judged by who asks."""

import json
from collections.abc import Iterable, Iterator

from django.db.models import Q

from stripeflow.triggers.models import Event, FetchState, Source
from stripeflow.workflows.awaiting.rows import of_side
from stripeflow.workflows.definition.same_object import SAME_OBJECTS
from stripeflow.workflows.models import Awaited, AwaitedEvent

Found = tuple[Awaited, Event]


def come(rows: Iterable[Awaited], *, is_over: bool) -> list[Found]:
    """Events for these rows that have come: the earliest first, by when they were created, then by their id.

    The first time, and once the time is over, all stored events are looked through; else those of which the
    run was told.
    """
    found: list[Found] = []
    for row in rows:
        events = _stored(row) if is_over or row.looked_at is None else _told(row)
        found += [(row, event) for event in events if fits(row, event)]
    return sorted(found, key=lambda pair: (pair[1].created, pair[1].pk))


def forget(found: Iterable[Found]) -> None:
    """Look at these events no more: their conditions are not met."""
    for row, event in found:
        AwaitedEvent.objects.filter(awaited=row, event=event).delete()


def fits(row: Awaited, event: Event) -> bool:
    """Whether the event is in time, and about the object that is waited for."""
    if not row.since <= event.created <= row.until or event.pk == row.run.event_id:
        return False
    return not row.same_as or SAME_OBJECTS[row.same_as].id_in(event.object) == row.object_id


def _stored(row: Awaited) -> Iterator[Event]:
    events = Event.objects.whole().filter(
        of_side(row.account),
        source=Source.STRIPE,
        type=row.event_type,
        livemode=row.livemode,
        created__gte=row.since,
        created__lte=row.until,
        pruned_at=None,
    )
    if row.same_as:
        named = Q(raw_body__contains=json.dumps(row.object_id)) | Q(fetch_state=FetchState.DONE)
        events = events.filter(Q(object_id=row.object_id) | named)
    return events.order_by("created", "pk").iterator(chunk_size=100)


def _told(row: Awaited) -> Iterator[Event]:
    told = AwaitedEvent.objects.filter(awaited=row).values("event")
    return Event.objects.filter(pk__in=told, pruned_at=None).iterator(chunk_size=100)
