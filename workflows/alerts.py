"""Alerts people when a run failed, when its outcome is unknown, or when somebody has to choose its branch.

By a signal, and by e-mail once a day.

Called after the state is written. Nothing here changes a run, and what goes wrong is only logged.
"""

import logging
from datetime import datetime, timedelta
from urllib.parse import urljoin
from uuid import UUID

from django.core.mail import EmailMessage
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

import stripeflow.actions.conf
from stripeflow.actions.people import email_of
from stripeflow.actions.visible import single_line
from stripeflow.triggers.queue import enqueue
from stripeflow.triggers.redaction import redacted
from stripeflow.workflows import conf, lending, permissions
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.links import run_url
from stripeflow.workflows.models import Beat, Run, Schedule, Workflow, failures
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.queue import ALERT, ALERT_PAUSED, ALERT_SILENT
from stripeflow.workflows.signals import run_failed, run_undecided
from stripeflow.workflows.states import RunStatus

logger = logging.getLogger(__name__)

ALERTED = frozenset({RunStatus.FAILED, RunStatus.OUTCOME_UNKNOWN, RunStatus.HELD})
# One e-mail for each version and error code in that time.
EVERY = timedelta(days=1)
# An e-mail that could not be sent is sent with the next failure after that time.
AGAIN_AFTER = timedelta(minutes=10)
# How many error codes of a version get an e-mail of their own; all others share one.
_CODES = 20
# How often it is looked for schedules that are silent.
LOOK_EVERY = timedelta(minutes=1)
_SILENT = "silent schedules"
# How many accounts an e-mail names.
_NAMED_PAUSES = 5


def run_left(run_id: UUID, status: RunStatus) -> None:
    """Report a run that its worker left in `status`, if people need to know."""
    if status not in ALERTED:
        return
    try:
        run = Run.objects.select_related("workflow__owner", "version", "event").get(pk=run_id)
        # The code that holds a run for another reason reports it itself.
        if status is RunStatus.HELD and run.held_reason != HeldReason.UNDECIDED:
            return
        _signal(run)
        _mail_at_times(run)
    except Exception:
        logger.exception("workflows.alert.failed", extra={"run": str(run_id)})


def run_ended(run_id: UUID) -> None:
    """Report a run as it is now; for those that did not end in a worker."""
    status = Run.objects.filter(pk=run_id).values_list("status", flat=True).first()
    if status is not None:
        run_left(run_id, RunStatus(status))


def workflow_paused(workflow_id: int) -> None:
    """Tell the owner that the workflow was paused automatically; nothing if it runs again by now."""
    try:
        workflow = Workflow.objects.select_related("owner").get(pk=workflow_id)
        if workflow.paused_at is not None:
            _send(workflow, _("“%s” is paused") % workflow.name, _paused_text(workflow))
        elif workflow.account_pauses.exists() and Beat.objects.claim(paused_turn(workflow_id), every=EVERY):
            _send(
                workflow, _("“%s” is paused for an account") % workflow.name, _account_paused_text(workflow)
            )
    except Exception:
        logger.exception("workflows.alert.failed", extra={"workflow": workflow_id})


def schedule_silent(workflow_id: int) -> None:
    """Tell the owner that two times of the schedule have passed without a run; nothing if one came since."""
    try:
        row = Schedule.objects.silent(timezone.now()).select_related("workflow__owner", "version")
        if (found := row.filter(workflow=workflow_id).first()) is None:
            return
        subject = _("The schedule of “%s” starts no runs") % found.workflow.name
        try:
            _send(found.workflow, subject, _silent_text(found))
        except Exception:
            at = timezone.now() - EVERY + AGAIN_AFTER
            Beat.objects.filter(name=_silent_turn(workflow_id)).update(at=at)
            raise
    except Exception:
        logger.exception("workflows.alert.failed", extra={"workflow": workflow_id})


def tell_of_silent_schedules(now: datetime | None = None) -> int:
    """Have workers report schedules that are silent, each once a day; returns how many.

    Looks once a minute.
    """
    now = now or timezone.now()
    if not Beat.objects.claim(_SILENT, every=LOOK_EVERY, now=now):
        return 0
    ids = list(Schedule.objects.silent(now).order_by("silent_from").values_list("workflow_id", flat=True))
    mine = [pk for pk in ids if Beat.objects.claim(_silent_turn(pk), every=EVERY, now=now)]
    for pk in mine:
        enqueue(ALERT_SILENT, pk)
    return len(mine)


def _silent_turn(workflow_id: int) -> str:
    return f"alert:silent:{workflow_id}"


def paused_turn(workflow_id: int) -> str:
    """Whose turn it is to report pauses for accounts: of many accounts, only the first is reported."""
    return f"alert:account_paused:{workflow_id}"


def enqueue_run_ended(run_id: UUID) -> None:
    """Have a worker report a run that ended outside of one."""
    enqueue(ALERT, str(run_id))


def enqueue_workflow_paused(workflow_id: int) -> None:
    """Have a worker report that a workflow was paused."""
    enqueue(ALERT_PAUSED, workflow_id)


def _signal(run: Run) -> None:
    signal = run_undecided if run.held_reason == HeldReason.UNDECIDED else run_failed
    for receiver, answer in signal.send_robust(sender=Run, run=run):
        if isinstance(answer, Exception):
            logger.error(
                "workflows.alert.receiver_failed",
                extra={"run": str(run.pk), "receiver": repr(receiver)},
                exc_info=answer,
            )


def _mail_at_times(run: Run) -> None:
    """Send the e-mail if it is the first one today for this version and error code."""
    turn = _turn(run.version_id, str((run.error or {}).get("code", ""))[:100])
    if not Beat.objects.claim(turn, every=EVERY):
        return
    try:
        _send(run.workflow, _subject(run), _text(run, payloads=_may_see_values(run.workflow)), run=run)
    except Exception:
        Beat.objects.filter(name=turn).update(at=timezone.now() - EVERY + AGAIN_AFTER)
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


def _send(workflow: Workflow, subject: str, text: str, *, run: Run | None = None) -> None:
    send_to(_recipients(workflow), workflow, subject, text, run=run)


def send_to(
    recipients: list[str], workflow: Workflow, subject: str, text: str, *, run: Run | None = None
) -> None:
    """Send one e-mail about a workflow, or about a run of it, to these addresses."""
    facts = {"workflow": workflow.pk, "run": str(run.pk) if run else "", "recipients": len(recipients)}
    if not recipients:
        logger.warning("workflows.alert.nobody_to_tell", extra=facts)
        return
    prefix = stripeflow.actions.conf.get("EMAIL_SUBJECT_PREFIX")
    headers = {"X-StripeFlow-Run": str(run.pk)} if run else {}
    # A name may hold line breaks, which a header may not.
    line = " ".join(redacted(f"{prefix}{subject}").split())
    mail = EmailMessage(line, redacted(text), to=recipients, headers=headers)
    with lending.calling():
        mail.send()
    logger.info("workflows.alert.sent", extra=facts)


def _recipients(workflow: Workflow) -> list[str]:
    """The owner's address; where there is none, those of the settings."""
    address = _owner_address(workflow)
    return [address] if address else list(conf.get("ALERT_RECIPIENTS"))


def _may_see_values(workflow: Workflow) -> bool:
    """Whether the receiver may see payloads. An address of the settings may not: its reader is unknown."""
    return bool(_owner_address(workflow)) and permissions.may_see_payloads(workflow.owner)


def _owner_address(workflow: Workflow) -> str:
    owner = workflow.owner
    return email_of(owner) if owner is not None and owner.is_active else ""


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
        _("Run: %s") % (absolute(run_url(run)) or run.pk),
    ]
    if run.status == RunStatus.OUTCOME_UNKNOWN:
        lines.append(_("Check whether the step had its effect, and say so on the run's page."))
    if run.held_reason == HeldReason.UNDECIDED:
        lines.append(_("Choose the branch on the run's page, or cancel the run."))
    lines.append(_("Further runs of this version that end like this are not mailed for a day."))
    return as_text(lines)


def _paused_text(workflow: Workflow) -> str:
    lines = [
        _("The workflow “%s” was paused automatically.") % workflow.name,
        workflow.paused_reason,
        _("Its runs are held, and nothing is lost. Resume it when the reason is gone."),
    ]
    return as_text(lines)


def _account_paused_text(workflow: Workflow) -> str:
    newest = workflow.account_pauses.order_by("-paused_at", "-pk")[:_NAMED_PAUSES]
    lines = [
        _("The workflow “%s” was paused automatically, for the accounts below. It goes on for all others.")
        % workflow.name,
        *map(str, newest),
        _("The runs of these accounts are held, and nothing is lost. Resume it when the reason is gone."),
        _("Further accounts are not mailed for a day, unless it is resumed."),
    ]
    return as_text(lines)


def _silent_text(row: Schedule) -> str:
    at = date_format(timezone.localtime(row.last_at), "DATETIME_FORMAT") if row.last_at else ""
    why = row.workflow.left_out_times.first()
    lines = [
        _("Two times of the schedule of “%s” have passed, and no run has started.") % row.workflow.name,
        _("The last time that started a run: %s") % at if at else "",
        _("Why the newest time started nothing: %s") % why.get_reason_display() if why else "",
        _("Look at the trigger of the workflow. Its page lists the times that started nothing."),
        _("It is not mailed again for a day."),
    ]
    return as_text(lines)


def as_text(lines: list[str]) -> str:
    """Each in one line, so that no text can look like another one."""
    return "\n".join(single_line(line) for line in lines if line) + "\n"


def absolute(path: str) -> str:
    """The address of a page for an e-mail, or ""."""
    return urljoin(conf.get("BASE_URL").rstrip("/") + "/", path) if path else ""
