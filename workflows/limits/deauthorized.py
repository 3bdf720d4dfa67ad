"""Accounts that have disconnected the application: their runs are held, instead of failing with a 403.

A run that the disconnection itself has started is never held: it acts as the platform, or writes to people.
"""

import logging

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Event, Source
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.models import AccountPause, Deauthorization, Run
from stripeflow.workflows.models.failures import held
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.models.run import HeldReason, RunQuerySet
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

DEAUTHORIZED = "account.application.deauthorized"
AUTHORIZED = "account.application.authorized"
_EVENT_TYPES = frozenset({DEAUTHORIZED, AUTHORIZED})
# Runs that no worker has taken. One that is under way is held before its next step.
_WAITING = (RunStatus.QUEUED, RunStatus.WAITING)


def tells_of_access(event: Event) -> bool:
    """Whether events of this type say that an account has disconnected or connected the application."""
    return event.source == Source.STRIPE and event.type in _EVENT_TYPES


def note(event: Event) -> None:
    """Record such an event. The newest one counts, in whatever order they arrive."""
    if not event.account:
        return
    deauthorized_at = timezone.now() if event.type == DEAUTHORIZED else None
    columns = {"told_at": event.created, "deauthorized_at": deauthorized_at, "held_at": None}
    whose = AccountMode.of(event)._asdict()
    row, is_new = Deauthorization.objects.get_or_create(**whose, defaults=columns)
    if not is_new:
        Deauthorization.objects.filter(pk=row.pk, told_at__lte=event.created).update(**columns)
    logger.warning("workflows.account.access", extra={"account": event.account, "event_type": event.type})


def settle() -> int:
    """Hold the runs of accounts that left, release those of accounts that came back; return how many.

    A worker does it, once for each change: the webhook that reports it has no time.
    """
    return sum(_settle(row) for row in Deauthorization.objects.filter(held_at=None).order_by("pk")[:100])


def reconnect(row: Deauthorization) -> int | None:
    """Record that a person says the account is connected. Returns how many runs go on; None if it was."""
    disconnected = Deauthorization.objects.filter(pk=row.pk, deauthorized_at__isnull=False)
    if not disconnected.update(deauthorized_at=None, held_at=None):
        return None
    row.refresh_from_db()
    logger.warning("workflows.account.access", extra={"account": row.account, "event_type": "a person"})
    return _settle(row)


def held_for(row: Deauthorization) -> RunQuerySet:
    """The runs that are held since this account went."""
    reason = HeldReason.DEAUTHORIZED
    whose = AccountMode.of(row)._asdict()
    return Run.objects.filter(**whose, status=RunStatus.HELD, held_reason=reason)


def _settle(row: Deauthorization) -> int:
    runs = Run.objects.filter(**AccountMode.of(row)._asdict())
    changed = _release(runs, row) if row.deauthorized_at is None else _hold(runs, row)
    Deauthorization.objects.filter(pk=row.pk, told_at=row.told_at).update(held_at=timezone.now())
    return changed


def _hold(runs: RunQuerySet, row: Deauthorization) -> int:
    access_events = Event.objects.filter(pk=OuterRef("event"), type__in=_EVENT_TYPES)
    released_since = Q(released_at__isnull=False, released_at__gte=row.deauthorized_at)
    return (
        runs.in_turn()
        .filter(~released_since, ~Exists(access_events), status__in=_WAITING)
        .update(
            status=RunStatus.HELD,
            held_reason=HeldReason.DEAUTHORIZED,
            error=held(HeldReason.DEAUTHORIZED.label),
            due_at=None,
            rung_at=None,
        )
    )


def _release(runs: RunQuerySet, row: Deauthorization) -> int:
    refused = AccountPause.objects.filter(livemode=row.livemode, account=row.account)
    refused.filter(cause=PauseCause.REFUSED).delete()
    return release_over(runs)
