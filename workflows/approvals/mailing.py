"""Tells people by e-mail that an approval waits for them: at once, at half time, and once it is escalated.

The mail has a link to the run's page, behind the login, and none that decides. `mail_at` of the row says when
the next one is due; the once-a-second sweep claims it, and a worker sends it.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stripeflow.actions.people import email_of
from stripeflow.triggers.queue import enqueue
from stripeflow.workflows.alerts import mail
from stripeflow.workflows.approvals.asking import end_for_lack_of_people, facts_of
from stripeflow.workflows.approvals.going_on import wake
from stripeflow.workflows.approvals.people import approvals_given, deciders_of
from stripeflow.workflows.approvals.would import lines_of, sums_text
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.audit.record import record
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
    due = list(Approval.objects.to_mail(timezone.now()).select_related("run").order_by("mail_at")[:limit])
    claimed = [one.pk for one in due if _claim(one)]
    for pk in claimed:
        enqueue(ALERT_APPROVAL, pk)
    return len(claimed)


def _claim(approval: Approval) -> bool:
    """Take the mail that is due; whether it was still to be sent. What it tells of is recorded with it.

    From the moment of an escalation on, further people may decide.
    """
    now = timezone.now()
    noted = [one for one in _NOTED if one.is_due(approval, now)]
    columns = {one.column: now for one in noted}
    with transaction.atomic():
        rows = Approval.objects.filter(
            pk=approval.pk, mail_at=approval.mail_at, status=ApprovalStatus.PENDING
        )
        if not rows.update(mail_at=_next_mail(approval, now), **columns):
            return False
        for one in noted:
            record(one.kind, NOBODY, approval.run, after=facts_of(approval))
    return True


def tell(approval_id: int) -> None:
    """Send the mails. If too few people are left to decide, the run goes on, and its step fails instead."""
    rows = Approval.objects.select_related("run__workflow", "run__version", "run__event")
    approval = rows.filter(pk=approval_id, status=ApprovalStatus.PENDING).first()
    if approval is None:
        return
    try:
        people = list(deciders_of(approval))
        # Who is asked later may still make up for those who are gone.
        is_escalated_later = approval.escalate_at is not None and approval.escalated_at is None
        if len(people) < approval.needed - approvals_given(approval) and not is_escalated_later:
            _give_up(approval)
            return
        for user in people[:_MOST_PEOPLE]:
            if address := email_of(user):
                subject = _("“%s” needs you: an approval waits") % approval.run.workflow.name
                mail.send_to([address], approval.run.workflow, subject, _text(approval), run=approval.run)
    except Exception:
        logger.exception("workflows.approval.mail_failed", extra={"approval": approval_id})


def _half(approval: Approval) -> datetime:
    return approval.asked_at + (approval.due_at - approval.asked_at) / 2


def _next_mail(approval: Approval, now: datetime) -> datetime | None:
    """The reminder at half time or the escalation, whichever comes next; None once both are over."""
    later = [at for at in (_half(approval), approval.escalate_at) if at is not None and at > now]
    return min(later, default=None)


def _reminder(approval: Approval) -> datetime | None:
    """When the mail that is due reminds; None for the first one, which never does."""
    return None if approval.mail_at == approval.asked_at else _half(approval)


@dataclass(frozen=True)
class _Noted:
    """What a mail tells of besides the question: the column that keeps when, and when it is due."""

    column: str
    kind: kinds.Kind
    at: Callable[[Approval], datetime | None]

    def is_due(self, approval: Approval, now: datetime) -> bool:
        at = self.at(approval)
        return at is not None and at <= now and getattr(approval, self.column) is None


_NOTED = (
    _Noted("reminded_at", kinds.APPROVAL_REMINDED, _reminder),
    _Noted("escalated_at", kinds.APPROVAL_ESCALATED, lambda approval: approval.escalate_at),
)


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
        _("It is still open, so further people are asked as well.") if approval.escalated_at else "",
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
