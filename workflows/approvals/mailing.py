"""Tells people by e-mail that an approval waits for them: at once, and once more at half time.

The mail has a link to the run's page, behind the login, and none that decides. `mail_at` of the row says when
the next one is due; the once-a-second sweep claims it, and a worker sends it.
"""

import logging
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stripeflow.actions.people import email_of
from stripeflow.triggers.queue import enqueue
from stripeflow.workflows.alerts import mail
from stripeflow.workflows.approvals.asking import end_for_lack_of_people
from stripeflow.workflows.approvals.going_on import wake
from stripeflow.workflows.approvals.people import approvals_given, deciders_of
from stripeflow.workflows.approvals.would import lines_of, sums_text
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import Approval, Run
from stripeflow.workflows.models.approval import ApprovalStatus
from stripeflow.workflows.queue import ALERT_APPROVAL
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

# At most this many people get one mail each.
_MOST_PEOPLE = 100


def notify_due(*, limit: int = 50) -> int:
    """Have workers send the mails that are due; returns how many. Any number of hosts may do this at once."""
    now, told = timezone.now(), 0
    rows = Approval.objects.to_mail(now).order_by("mail_at")
    for pk, mail_at, asked_at, due_at in rows.values_list("pk", "mail_at", "asked_at", "due_at")[:limit]:
        then = _next_mail(asked_at, due_at, now)
        if Approval.objects.filter(pk=pk, mail_at=mail_at).update(mail_at=then):
            enqueue(ALERT_APPROVAL, pk)
            told += 1
    return told


def tell(approval_id: int) -> None:
    """Send the mails. If too few people are left to decide, the run goes on, and its step fails instead."""
    rows = Approval.objects.select_related("run__workflow", "run__version", "run__event")
    approval = rows.filter(pk=approval_id, status=ApprovalStatus.PENDING).first()
    if approval is None:
        return
    try:
        people = list(deciders_of(approval))
        if len(people) < approval.needed - approvals_given(approval):
            _give_up(approval)
            return
        for user in people[:_MOST_PEOPLE]:
            if address := email_of(user):
                subject = _("“%s” needs you: an approval waits") % approval.run.workflow.name
                mail.send_to([address], approval.run.workflow, subject, _text(approval), run=approval.run)
    except Exception:
        logger.exception("workflows.approval.mail_failed", extra={"approval": approval_id})


def _next_mail(asked_at: datetime, due_at: datetime, now: datetime) -> datetime | None:
    """The reminder at half time; None once it is over."""
    half = asked_at + (due_at - asked_at) / 2
    return half if now < half else None


def _give_up(approval: Approval) -> None:
    with transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).get(pk=approval.run_id)
        # A worker that has the run would not see it; the next mail, or the time-out, ends it.
        if run.state is RunStatus.RUNNING or run.state.is_final:
            return
        if end_for_lack_of_people(approval):
            wake(approval)


def _text(approval: Approval) -> str:
    run = approval.run
    until = date_format(timezone.localtime(approval.due_at), "DATETIME_FORMAT")
    lines = [
        approval.question,
        _("Workflow: %s") % run.workflow.name,
        *_would_lines(approval),
        _("In all: %s") % sums_text(approval.sums) if approval.sums else "",
        _("Decide until %s. Log in, and look at the run:") % until,
        mail.absolute(run_url(run)) or str(run.pk),
        _("Nothing is decided by this mail or its link."),
    ]
    return mail.as_text(lines)


def _would_lines(approval: Approval) -> list[str]:
    found = []
    for one in approval.would:
        inputs = "; ".join(f"{label}: {text}" for label, text in lines_of(one))
        found.append(_("It would do: %s") % (f"{one['title']} ({inputs})" if inputs else one["title"]))
    return found
