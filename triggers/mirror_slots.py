"""The few places at which events are mirrored, for all hosts together, so that runs always find a worker.

A place is a row that a guarded update claims until a time. A worker that finds none free leaves its event to
those that have one. A reconciliation runs seldom and waits for Stripe too, so it takes a place as well;
if there is none, the next one is kept for it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet

from stripeflow.triggers import conf
from stripeflow.triggers.models import MirrorSlot

# Longer than one call to Stripe, or one turn of reconciliation: only a worker that died loses its place.
HOLD = timedelta(seconds=60)
# A message that no worker has answered by then is repeated.
NOTIFY_AGAIN = timedelta(seconds=15)
# How long a place is reserved for a reconciliation that found none; meanwhile it asks again.
WANTED = timedelta(minutes=2)


@dataclass(frozen=True)
class Place:
    """A right to wait for Stripe, until it is released or `HOLD` is over."""

    number: int
    token: UUID

    def renew(self, now: datetime) -> bool:
        """Renew the place; False if another worker has it by now, or has it reserved."""
        return bool(self._mine().filter(_unwanted(now)).update(held_until=now + HOLD))

    def release(self) -> None:
        """Free the place for others."""
        self._mine().update(token=None, held_until=None)

    def _mine(self) -> QuerySet[MirrorSlot]:
        return MirrorSlot.objects.filter(number=self.number, token=self.token)


def take(now: datetime) -> Place | None:
    """Take a free place that is not reserved; None if there is none."""
    return _take(_free(now) & _unwanted(now), now=now)


def take_first(now: datetime) -> Place | None:
    """Take any free place. If there is none, the next one is kept for the next call of this."""
    place = _take(_free(now), now=now, wanted_at=None)
    if place is None:
        MirrorSlot.objects.filter(number=0).update(wanted_at=now)
    return place


def claim_notification(now: datetime) -> bool:
    """Whether the caller is to notify for a free place; True for one caller only within `NOTIFY_AGAIN`."""
    stale = Q(rung_at=None) | Q(rung_at__lt=now - NOTIFY_AGAIN) | Q(rung_at__gt=now + NOTIFY_AGAIN)
    ready = _free(now) & _unwanted(now) & stale
    return any(_change(number, ready, rung_at=now) for number in _numbers())


def _take(condition: Q, *, now: datetime, **columns: object) -> Place | None:
    token = uuid4()
    for number in _numbers():
        if _change(number, condition, token=token, held_until=now + HOLD, rung_at=None, **columns):
            return Place(number, token)
    return None


def _numbers() -> range:
    return range(conf.get_int("MIRROR_WORKERS"))


def _free(now: datetime) -> Q:
    # A place held longer than allowed was taken before the clock was set back.
    return Q(held_until=None) | Q(held_until__lt=now) | Q(held_until__gt=now + 2 * HOLD)


def _unwanted(now: datetime) -> Q:
    return Q(wanted_at=None) | Q(wanted_at__lt=now - WANTED) | Q(wanted_at__gt=now + WANTED)


def _change(number: int, condition: Q, **columns: object) -> bool:
    """Change the place if the condition holds; its row is created with the first use."""
    rows = MirrorSlot.objects.filter(condition, number=number)
    if rows.update(**columns):
        return True
    _slot, is_new = MirrorSlot.objects.get_or_create(number=number)
    return is_new and bool(rows.update(**columns))
