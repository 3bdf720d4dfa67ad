"""Writes what destinations are to be sent, in the transaction of what it tells of. A worker sends it later.

Only where a destination is enabled: a run of which nobody wants to hear costs nothing more. Whether there is
one is read with the run when a worker takes it. The key of an event follows from what happened, so however
often that is told, one event is written, and one delivery of it to each destination.
"""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple
from uuid import UUID, uuid5

from django.db import Error, transaction
from django.utils import timezone

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models import (
    Approval,
    EventDelivery,
    EventDestination,
    EventSubscription,
    OutgoingEvent,
    Run,
    StepRun,
)
from stripeflow.workflows.run_events import types
from stripeflow.workflows.run_events.body import approval_facts, body_of, facts_of, wait_facts
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

_NAMESPACE = UUID("4f5cb3a2-7a76-4b0e-9a53-0f1a6f6e2c11")
_COLUMNS = ("destination_id", "type", "destination__all_workflows", "destination__livemode")


@dataclass(frozen=True)
class Occurrence:
    """One event of a run. Of one type, no other one has its `identity`."""

    type: str
    identity: str
    at: datetime
    data: Json

    @property
    def pk(self) -> UUID:
        return uuid5(_NAMESPACE, f"{self.type}:{self.identity}")


class _Wish(NamedTuple):
    """That a destination wants events of a type."""

    destination_id: int
    type: str
    all_workflows: bool
    livemode: bool | None
    enabled_at: datetime


def is_wanted() -> bool:
    """Whether a destination is enabled."""
    return EventDestination.objects.enabled().exists()


def may_be_sent(status: RunStatus) -> bool:
    """Whether there is an event of runs that are left in this state."""
    return types.may_be_told(status)


def run_started(run_id: UUID) -> None:
    """Write that a worker has begun the run. If it dies before, this is written with the next event."""
    _write(run_id, (types.STARTED.type,), _started)


def run_left(run_id: UUID, status: RunStatus) -> None:
    """Write in what state the run was left, if there is an event of it."""
    of_status = {event.type for event in types.known() if event.left_as is status}
    _write(run_id, (types.STARTED.type, *sorted(of_status)), lambda run: [*_started(run), *_left(run)])


def approval_asked(approval: Approval) -> None:
    """Write that people are asked."""

    def asked(run: Run) -> list[Occurrence]:
        approval.run = run
        data = facts_of(run, approval=approval_facts(approval))
        return [Occurrence(types.APPROVAL_ASKED.type, str(approval.pk), approval.asked_at, data)]

    _write(approval.run_id, (types.APPROVAL_ASKED.type,), asked)


def _started(run: Run) -> list[Occurrence]:
    if run.started_at is None:
        return []
    return [Occurrence(types.STARTED.type, str(run.pk), run.started_at, facts_of(run))]


def _left(run: Run) -> list[Occurrence]:
    event = types.of(run.state, run.held_reason if run.state is RunStatus.HELD else "")
    if event is None:
        return []
    if event is not types.WAITING:
        # Each end follows another claim, and a cancellation has a type of its own.
        return [Occurrence(event.type, f"{run.pk}:{run.claims}", timezone.now(), facts_of(run))]
    # Of a retry nothing is told; of a wait once, however often a worker looks whether it is over.
    step = StepRun.objects.at_waits().filter(run=run.pk).order_by("-pk").first()
    if step is None:
        return []
    data = facts_of(run, waiting=wait_facts(run, step))
    return [Occurrence(event.type, str(step.pk), timezone.now(), data)]


def _write(run_id: UUID, wanted: Collection[str], told: Callable[[Run], list[Occurrence]]) -> None:
    """Write the events that are told of this run, and a delivery for each destination that wants one.

    What goes wrong with an event is logged, and does not undo what it tells of. A database error does.
    """
    try:
        with transaction.atomic():
            wishes = _wishes(wanted)
            if wishes:
                run = Run.objects.select_related("workflow", "version", "event").get(pk=run_id)
                _write_all(run, [wish for wish in wishes if wish.livemode in (None, run.livemode)], told(run))
    except Error:
        raise
    except Exception:
        logger.exception("workflows.destinations.not_written", extra={"run": str(run_id)})


def _wishes(wanted: Collection[str]) -> list[_Wish]:
    rows = EventSubscription.objects.filter(destination__disabled_at__isnull=True, type__in=wanted)
    return [_Wish(*row) for row in rows.order_by("pk").values_list(*_COLUMNS, "destination__enabled_at")]


def _write_all(run: Run, wishes: list[_Wish], told: Iterable[Occurrence]) -> None:
    chosen = _choosing(run, wishes)
    pairs = [
        (one, wish)
        for one in told
        for wish in wishes
        if one.type == wish.type and wish.destination_id in chosen and _is_in_time(one, wish)
    ]
    if not pairs:
        return
    now = timezone.now()
    events = [
        OutgoingEvent(
            id=one.pk,
            type=one.type,
            run=run,
            occurred_at=one.at,
            body=body_of(one.pk, one.type, one.at, one.data),
        )
        for one in {one.pk: one for one, _wish in pairs}.values()
    ]
    deliveries = [
        EventDelivery(event_id=one.pk, destination_id=wish.destination_id, created_at=now, next_at=now)
        for one, wish in pairs
    ]
    OutgoingEvent.objects.bulk_create(events, ignore_conflicts=True)
    EventDelivery.objects.bulk_create(deliveries, ignore_conflicts=True)


def _choosing(run: Run, wishes: Iterable[_Wish]) -> set[int]:
    """The destinations that want events of the run's workflow."""
    every = {wish.destination_id for wish in wishes if wish.all_workflows}
    some = {wish.destination_id for wish in wishes} - every
    if not some:
        return every
    rows = EventDestination.workflows.through.objects.filter(
        eventdestination__in=some, workflow=run.workflow_id
    )
    return every | set(rows.values_list("eventdestination_id", flat=True))


def _is_in_time(one: Occurrence, wish: _Wish) -> bool:
    """A destination hears nothing of the beginning of runs that began before it was enabled."""
    return one.type != types.STARTED.type or one.at >= wish.enabled_at
