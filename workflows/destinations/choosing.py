"""Which delivery is sent next. A destination that fails or hangs has one place, so it is in nobody's way."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from stripeflow.workflows.destinations.terms import AT_ONCE, LEASE, OF_FAILING
from stripeflow.workflows.models import EventDelivery, EventDestination
from stripeflow.workflows.states import DeliveryStatus


@dataclass(frozen=True)
class Standing:
    """A destination to which something is due, and how much is being sent to it."""

    pk: int
    is_failing: bool
    under_way: int


def chosen(standings: Sequence[Standing], *, failing_under_way: int) -> list[int]:
    """The destinations with a free place. Those that fail come last, and share few places. Pure."""
    healthy = [one for one in standings if not one.is_failing and one.under_way < AT_ONCE]
    failing = [one for one in standings if one.is_failing and one.under_way == 0]
    if failing_under_way >= OF_FAILING:
        failing = []
    return [one.pk for one in (*sorted(healthy, key=lambda one: one.under_way), *failing)]


def is_any(now: datetime) -> bool:
    """Whether a delivery could be sent now. One query if nothing is due."""
    standings = _standings(now)
    return bool(standings and chosen(standings, failing_under_way=_failing_under_way(now)))


def claim(now: datetime) -> EventDelivery | None:
    """Take the delivery that is sent next; None if there is none.

    Nobody else gets it before its lease ends.
    """
    standings = _standings(now)
    random.shuffle(standings)
    for destination in chosen(standings, failing_under_way=_failing_under_way(now)) if standings else ():
        due = EventDelivery.objects.due(now).filter(destination=destination).order_by("next_at", "pk")
        # Others look at the same moment: of a few, one is free.
        for pk, status, token in due.values_list("pk", "status", "token")[: 2 * AT_ONCE]:
            if _claim(pk, status, token, now):
                return EventDelivery.objects.select_related("event", "destination").get(pk=pk)
    return None


def _claim(pk: int, status: str, token: UUID | None, now: datetime) -> bool:
    rows = EventDelivery.objects.due(now).filter(pk=pk, status=status, token=token)
    values = {"status": DeliveryStatus.SENDING, "token": uuid4(), "next_at": now + LEASE}
    return bool(rows.update(attempts=F("attempts") + 1, **values))


def _standings(now: datetime) -> list[Standing]:
    of_it = EventDelivery.objects.filter(destination=OuterRef("pk")).order_by()
    under_way = of_it.under_way(now).values("destination").annotate(n=Count("pk")).values("n")
    rows = EventDestination.objects.enabled().filter(Q(resume_at__isnull=True) | Q(resume_at__lte=now))
    rows = rows.filter(Exists(of_it.due(now))).annotate(busy=Coalesce(Subquery(under_way), 0)).order_by()
    found: Iterable[tuple[int, datetime | None, int]] = rows.values_list("pk", "failing_since", "busy")
    return [Standing(pk, since is not None, busy) for pk, since, busy in found]


def _failing_under_way(now: datetime) -> int:
    return EventDelivery.objects.under_way(now).filter(destination__failing_since__isnull=False).count()
