"""What people do to event destinations and deliveries. Each act leaves its row in the audit log."""

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stripeflow.actions.outbound.origins import AddressRefused, origin_of, refusal
from stripeflow.triggers import encryption
from stripeflow.workflows import permissions
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import Facts, record
from stripeflow.workflows.destinations.disabling import disable as disable_row
from stripeflow.workflows.destinations.signing import new_secret
from stripeflow.workflows.destinations.terms import MOST_DESTINATIONS, MOST_SECRETS, OVERLAP
from stripeflow.workflows.models import (
    DestinationSecret,
    EventDelivery,
    EventDestination,
    EventSubscription,
    OutgoingEvent,
    Workflow,
)
from stripeflow.workflows.models.destination import MAX_TITLE, MAX_URL, DisabledBecause
from stripeflow.workflows.run_events import types
from stripeflow.workflows.run_events.body import body_of
from stripeflow.workflows.states import DeliveryStatus

# The type of the event that a person sends to try a destination.
PING = "destination.ping"
_FINAL = [status for status in DeliveryStatus if status.is_final]


@dataclass(frozen=True)
class Wanted:
    """Which events of which workflows are sent where. `livemode` None is both modes."""

    title: str
    url: str
    events: Collection[str]
    all_workflows: bool = True
    workflows: Collection[int] = ()
    livemode: bool | None = None

    @classmethod
    def of(cls, row: EventDestination) -> "Wanted":
        """As a destination has it now."""
        return cls(
            row.title,
            row.url,
            events_of(row),
            row.all_workflows,
            tuple(row.workflows.order_by("pk").values_list("pk", flat=True)),
            row.livemode,
        )


@dataclass(frozen=True)
class Added:
    """A new destination, or one with a new secret, which is never told again."""

    destination: EventDestination
    secret: str


def events_of(row: EventDestination) -> tuple[str, ...]:
    """The types of events that a destination wants, in our order; at the end those that are gone."""
    wanted = {one.type for one in row.subscriptions.all()}
    known = [event.type for event in types.known() if event.type in wanted]
    return (*known, *sorted(wanted.difference(known)))


def fault_of(url: str) -> str:
    """Why nothing can be sent to this address, as a sentence, or ""."""
    if len(url) > MAX_URL:
        return _("An address has at most %d characters.") % MAX_URL
    try:
        return refusal(origin_of(url))
    except AddressRefused as error:
        return str(error)


def add(wanted: Wanted, act: Act) -> Added:
    """Add a destination, enabled. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_add_destinations)
    _check_wanted(wanted)
    if EventDestination.objects.count() >= MOST_DESTINATIONS:
        raise NotPossible(_("There are %d event destinations. Delete one first.") % MOST_DESTINATIONS)
    with transaction.atomic():
        now = timezone.now()
        person = act.user if getattr(act.user, "is_authenticated", False) else None
        row = _written(EventDestination(enabled_at=now, created_by=person), wanted)
        secret = _new_secret(row, now)
        record(kinds.DESTINATION_ADDED, act, row, after=_facts(wanted))
    return Added(row, secret)


def change(row: EventDestination, wanted: Wanted, act: Act) -> EventDestination:
    """Change what is sent where. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_change_destinations)
    _check_wanted(wanted)
    with transaction.atomic():
        current = _locked(row)
        before = Wanted.of(current)
        if _facts(before) == _facts(wanted) and before.url == wanted.url:
            return current
        _written(current, wanted)
        record(kinds.DESTINATION_CHANGED, act, current, before=_facts(before), after=_facts(wanted))
    return current


def enable(row: EventDestination, act: Act) -> bool:
    """Send events there from now on; whether it was disabled. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_change_destinations)
    with transaction.atomic():
        current = _locked(row)
        if current.is_enabled:
            return False
        EventDestination.objects.filter(pk=row.pk).update(
            enabled_at=timezone.now(),
            disabled_at=None,
            disabled_because="",
            failing_since=None,
            resume_at=None,
            alert_pending=False,
        )
        record(kinds.DESTINATION_ENABLED, act, current)
    return True


def disable(row: EventDestination, act: Act) -> bool:
    """Send nothing more there, and cancel what waits; whether it was enabled.

    Raises `NotPossible` and `PermissionDenied`.
    """
    _check(act, permissions.may_change_destinations)
    with transaction.atomic():
        return disable_row(_locked(row).pk, DisabledBecause.PERSON, act)


def delete(row: EventDestination, act: Act) -> None:
    """Delete it with its deliveries. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_delete_destinations)
    with transaction.atomic():
        current = _locked(row)
        record(kinds.DESTINATION_DELETED, act, current, after=_facts(Wanted.of(current)))
        current.delete()


def rotate(row: EventDestination, act: Act, *, at_once: bool = False) -> Added:
    """Give it a new secret. The former one signs too for a day, so that nobody misses an event.

    With `at_once`, all former ones end now: for a secret that others know. Raises `NotPossible` and
    `PermissionDenied`.
    """
    _check(act, permissions.may_change_destinations)
    now = timezone.now()
    with transaction.atomic():
        current = _locked(row)
        former = DestinationSecret.objects.filter(destination=current).valid(now)
        if at_once:
            former.update(expires_at=now)
        else:
            _check_number(former)
            former.filter(expires_at__isnull=True).update(expires_at=now + OVERLAP)
        secret = _new_secret(current, now)
        record(kinds.DESTINATION_ROTATED, act, current, after={"at_once": at_once})
    return Added(current, secret)


def ping(row: EventDestination, act: Act) -> EventDelivery:
    """Send a test event there. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_change_destinations)
    with transaction.atomic():
        current = _locked(row)
        _check_enabled(current)
        now, pk = timezone.now(), uuid4()
        body = body_of(pk, PING, now, {"destination": {"id": current.pk, "title": current.title}})
        event = OutgoingEvent.objects.create(id=pk, type=PING, occurred_at=now, body=body)
        delivery = EventDelivery.objects.create(event=event, destination=current, created_at=now, next_at=now)
        record(kinds.DESTINATION_TESTED, act, current)
    return delivery


def send_again(rows: "QuerySet[EventDelivery]", act: Act) -> int:
    """Send what is done once more, from the first attempt on, with the same id and body; returns how many.

    What is under way, and what is for a disabled destination, is left as it is. Raises `PermissionDenied`.
    """
    _check(act, permissions.may_change_destinations)
    count = 0
    with transaction.atomic():
        of = rows.order_by().values_list("destination", flat=True).distinct()
        for destination in EventDestination.objects.enabled().filter(pk__in=list(of)).order_by("pk"):
            done = EventDelivery.objects.filter(
                pk__in=rows.order_by().values("pk"), destination=destination, status__in=_FINAL
            )
            sent = done.update(
                status=DeliveryStatus.PENDING, attempts=0, next_at=timezone.now(), finished_at=None
            )
            if sent:
                record(kinds.DELIVERIES_SENT_AGAIN, act, destination, after={"events": sent})
            count += sent
    return count


def send_one_again(row: EventDelivery, act: Act) -> None:
    """Send it once more, as `send_again`. Raises `NotPossible` where that changes nothing."""
    _check(act, permissions.may_change_destinations)
    _check_enabled(row.destination)
    if not send_again(EventDelivery.objects.filter(pk=row.pk), act):
        raise NotPossible(_("It is sent already, or waits to be."))


def _facts(wanted: Wanted) -> Facts:
    """What the audit log says. A path or query may hold a password of the receiver's, so only the host."""
    named = Workflow.objects.filter(pk__in=wanted.workflows).order_by("name").values_list("name", flat=True)
    return {
        "name": wanted.title,
        "url": str(origin_of(wanted.url)),
        "events": sorted(wanted.events),
        "workflow": [] if wanted.all_workflows else list(named),
        "mode": {None: None, True: "live", False: "test"}[wanted.livemode],
    }


def _written(row: EventDestination, wanted: Wanted) -> EventDestination:
    row.title, row.url, row.livemode = wanted.title, wanted.url, wanted.livemode
    row.all_workflows = wanted.all_workflows
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        message = _("There is an event destination “%s”. Choose another title.")
        raise NotPossible(message % wanted.title) from error
    row.workflows.set([] if wanted.all_workflows else list(wanted.workflows))
    row.subscriptions.exclude(type__in=wanted.events).delete()
    had = set(row.subscriptions.values_list("type", flat=True))
    EventSubscription.objects.bulk_create(
        [EventSubscription(destination=row, type=one) for one in wanted.events if one not in had]
    )
    return row


def _new_secret(row: EventDestination, now: datetime) -> str:
    value = new_secret()
    DestinationSecret.objects.create(destination=row, value=encryption.encrypted(value), created_at=now)
    return value


def _check_number(former: "QuerySet[DestinationSecret]") -> None:
    if former.count() < MOST_SECRETS:
        return
    ends = former.filter(expires_at__isnull=False).order_by("expires_at").values_list("expires_at", flat=True)
    at = ends.first()
    until = date_format(timezone.localtime(at), "DATETIME_FORMAT") if at else ""
    message = _(
        "%(number)d secrets sign at the moment. The first of them ends on %(until)s; rotate after that."
    )
    raise NotPossible(message % {"number": former.count(), "until": until})


def _check_wanted(wanted: Wanted) -> None:
    if not wanted.title.strip() or len(wanted.title) > MAX_TITLE:
        raise NotPossible(_("An event destination needs a title of at most %d characters.") % MAX_TITLE)
    if fault := fault_of(wanted.url):
        raise NotPossible(fault)
    known = [event.type for event in types.known()]
    if not wanted.events or not set(wanted.events) <= set(known):
        raise NotPossible(_("Choose at least one of these events: %s.") % ", ".join(known))
    if not wanted.all_workflows and not wanted.workflows:
        raise NotPossible(_("Choose all workflows, or at least one."))
    there = Workflow.objects.filter(pk__in=wanted.workflows).count()
    if there != len(set(wanted.workflows)):
        raise NotPossible(_("One of the workflows is not there any more. Choose them again."))


def _check_enabled(row: EventDestination) -> None:
    if not row.is_enabled:
        raise NotPossible(_("“%s” is disabled. Enable it first.") % row.title)


def _locked(row: EventDestination) -> EventDestination:
    found = EventDestination.objects.select_for_update(no_key=True).filter(pk=row.pk).first()
    if found is None:
        raise NotPossible(_("“%s” was deleted in the meantime.") % row.title)
    return found


def _check(act: Act, may: Callable[[Any], bool]) -> None:
    """The command line, which has no user, may."""
    if act.user is not None and not may(act.user):
        raise PermissionDenied
