"""Tells people by e-mail that a destination was disabled automatically."""

import logging

from django.utils.translation import gettext as _

from stripeflow.actions.people import email_of
from stripeflow.triggers.queue import enqueue
from stripeflow.workflows import conf
from stripeflow.workflows.alerts import mail
from stripeflow.workflows.models import EventDestination
from stripeflow.workflows.queue import ALERT_DESTINATION

logger = logging.getLogger(__name__)


def notify_due() -> int:
    """Have workers send the mails that are due; returns how many. One query if there are none."""
    due = list(EventDestination.objects.filter(alert_pending=True).values_list("pk", flat=True))
    mine = [pk for pk in due if _claim(pk)]
    for pk in mine:
        enqueue(ALERT_DESTINATION, pk)
    return len(mine)


def _claim(pk: int) -> bool:
    return bool(EventDestination.objects.filter(pk=pk, alert_pending=True).update(alert_pending=False))


def destination_disabled(destination_id: int) -> None:
    """Tell whom it concerns that nothing is sent there any more; nothing if it is enabled again by now."""
    rows = EventDestination.objects.select_related("created_by")
    destination = rows.filter(pk=destination_id, disabled_at__isnull=False).first()
    if destination is None:
        return
    try:
        subject = _("The event destination “%s” is disabled") % destination.title
        mail.send_about(_recipients(destination), subject, _text(destination))
    except Exception:
        logger.exception("workflows.alert.failed", extra={"destination": destination_id})


def _recipients(destination: EventDestination) -> list[str]:
    """The address of who made it; where there is none, those of the settings."""
    person = destination.created_by
    address = email_of(person) if person is not None and person.is_active else ""
    return [address] if address else list(conf.get("ALERT_RECIPIENTS"))


def _text(destination: EventDestination) -> str:
    lines = [
        _("Nothing is sent to the event destination “%s” any more.") % destination.title,
        _("Why: %s") % destination.get_disabled_because_display(),
        _("What waited for it is canceled. Enable it, and have its deliveries sent again."),
    ]
    return mail.as_text(lines)
