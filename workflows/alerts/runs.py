"""Alerts people when a run failed, when its outcome is unknown, or when somebody has to choose its branch.

By e-mail once a day. Programs are told here by a signal, of other states of runs as well.

Called after the state is written. Nothing here changes a run, and what goes wrong is only logged.
"""

import logging
from datetime import datetime
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.queue import enqueue
from stripeflow.workflows.alerts import mail
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import Beat, Run, failures
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.queue import ALERT
from stripeflow.workflows.run_events import signaling
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

ALERTED = frozenset({RunStatus.FAILED, RunStatus.OUTCOME_UNKNOWN, RunStatus.HELD})
# How many error codes of a version get an e-mail of their own; all others share one.
_CODES = 20


def run_left(run_id: UUID, status: RunStatus, *, since: datetime | None = None) -> None:
    """Report a run that its worker, which had it `since` then, left in `status`, if anybody has to know."""
    if status not in ALERTED and not signaling.is_heard(status):
        return
    try:
        run = signaling.whole_run(run_id)
        if run is None:
            return
        signaling.left(run, status, since=since)
        # The code that holds a run for another reason reports it itself.
        if status not in ALERTED or (status is RunStatus.HELD and run.held_reason != HeldReason.UNDECIDED):
            return
        _mail_at_times(run)
    except Exception:
        logger.exception("workflows.alert.failed", extra={"run": str(run_id)})


def run_ended(run_id: UUID) -> None:
    """Report a run as it is now; for those that did not end in a worker."""
    status = Run.objects.filter(pk=run_id).values_list("status", flat=True).first()
    if status is not None:
        run_left(run_id, RunStatus(status))


def enqueue_run_ended(run_id: UUID) -> None:
    """Have a worker report a run that ended outside of one."""
    enqueue(ALERT, str(run_id))


def _mail_at_times(run: Run) -> None:
    """Send the e-mail if it is the first one today for this version and error code."""
    turn = _turn(run.version_id, str((run.error or {}).get("code", ""))[:100])
    if not Beat.objects.claim(turn, every=mail.EVERY):
        return
    try:
        mail.send(
            run.workflow, _subject(run), _text(run, payloads=mail.may_see_values(run.workflow)), run=run
        )
    except Exception:
        Beat.objects.filter(name=turn).update(at=timezone.now() - mail.EVERY + mail.AGAIN_AFTER)
        raise


def _turn(version_id: int, code: str) -> str:
    """Whose turn the e-mail is: the code's own, or one for all codes after the first `_CODES`.

    A host's own action may invent a code for each failure.
    """
    start = f"alert:{version_id}:"
    known = Beat.objects.filter(name__startswith=start)
    if known.filter(name=f"{start}{code}").exists() or known.count() < _CODES:
        return f"{start}{code}"
    return f"{start}*"


def _subject(run: Run) -> str:
    if run.status == RunStatus.OUTCOME_UNKNOWN:
        return _("“%s” needs you: the outcome of a run is unknown") % run.workflow.name
    if run.held_reason == HeldReason.UNDECIDED:
        return _("“%s” needs you: choose the branch of a run") % run.workflow.name
    return _("“%s” failed") % run.workflow.name


def _text(run: Run, *, payloads: bool) -> str:
    error = run.error or {}
    step = error.get("step_name") or title_in(run.version.document, error.get("step", ""))
    lines = [
        _("Workflow: %s") % f"{run.workflow.name} ({run.version})",
        _("Step: %s") % step if step else "",
        _("What happened: %s") % failures.sentence(error, payloads=payloads),
        _("Event: %s") % f"{run.event.external_id} ({run.event.type})",
        _("Run: %s") % (mail.absolute(run_url(run)) or run.pk),
    ]
    if run.status == RunStatus.OUTCOME_UNKNOWN:
        lines.append(_("Check whether the step had its effect, and say so on the run's page."))
    if run.held_reason == HeldReason.UNDECIDED:
        lines.append(_("Choose the branch on the run's page, or cancel the run."))
    lines.append(_("Further runs of this version that end like this are not mailed for a day."))
    return mail.as_text(lines)
