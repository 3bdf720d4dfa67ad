"""The few places at which events are mirrored, for all hosts together, so that runs always find a worker.

A place is a row that is taken by a guarded update until a time. Whoever finds none free leaves its event to
those who have one.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID, uuid4

from django.db.models import Q, QuerySet

from triggers import conf
from triggers.models import MirrorSlot

# Longer than one event can take, so that only a worker that died loses its place.
HOLD = timedelta(seconds=110)
# A ring that nobody has followed by then is repeated.
RING_AGAIN = timedelta(seconds=15)


@dataclass(frozen=True)
class Place:
    """A right to mirror events, until it is released or `HOLD` is over."""

    number: int
    token: UUID

    def renew(self, now: datetime) -> bool:
        """Keep the place from now on; False if another worker has it by now."""
        return bool(self._mine().update(held_until=now + HOLD))

    def release(self) -> None:
        """Free the place for others."""
        self._mine().update(token=None, held_until=None)

    def _mine(self) -> QuerySet[MirrorSlot]:
        return MirrorSlot.objects.filter(number=self.number, token=self.token)


def take(now: datetime) -> Place | None:
    """Take a free place; None if there is none."""
    token = uuid4()
    for number in _numbers():
        if _change(number, _free(now), token=token, held_until=now + HOLD, rung_at=None):
            return Place(number, token)
    return None


def claim_ring(now: datetime) -> bool:
    """Whether the caller is to ring for a free place; True for one caller only within `RING_AGAIN`."""
    stale = Q(rung_at=None) | Q(rung_at__lt=now - RING_AGAIN) | Q(rung_at__gt=now + RING_AGAIN)
    return any(_change(number, _free(now) & stale, rung_at=now) for number in _numbers())


def _numbers() -> range:
    return range(conf.get_int("MIRROR_WORKERS"))


def _free(now: datetime) -> Q:
    # What is held longer than anybody may was taken before the clock was set back.
    return Q(held_until=None) | Q(held_until__lt=now) | Q(held_until__gt=now + 2 * HOLD)


def _change(number: int, condition: Q, **columns: object) -> bool:
    """Change the place if the condition holds; the row is made where it is used for the first time."""
    rows = MirrorSlot.objects.filter(condition, number=number)
    if rows.update(**columns):
        return True
    _slot, is_new = MirrorSlot.objects.get_or_create(number=number)
    return is_new and bool(rows.update(**columns))
