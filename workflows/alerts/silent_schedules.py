"""Tells the owner of a workflow that its schedule starts no runs."""

import logging
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from stripeflow.triggers.queue import enqueue
from stripeflow.workflows.alerts import mail
from stripeflow.workflows.models import Beat, Schedule
from stripeflow.workflows.queue import ALERT_SILENT

logger = logging.getLogger(__name__)

# How often it is looked for schedules that are silent.
LOOK_EVERY = timedelta(minutes=1)
_SILENT = "silent schedules"


def schedule_silent(workflow_id: int) -> None:
    """Tell the owner that two times of the schedule have passed without a run; nothing if one came since."""
    try:
        row = Schedule.objects.silent(timezone.now()).select_related("workflow__owner", "version")
        if (found := row.filter(workflow=workflow_id).first()) is None:
            return
        subject = _("The schedule of “%s” starts no runs") % found.workflow.name
        try:
            mail.send(found.workflow, subject, _silent_text(found))
        except Exception:
            at = timezone.now() - mail.EVERY + mail.AGAIN_AFTER
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
    mine = [pk for pk in ids if Beat.objects.claim(_silent_turn(pk), every=mail.EVERY, now=now)]
    for pk in mine:
        enqueue(ALERT_SILENT, pk)
    return len(mine)


def _silent_turn(workflow_id: int) -> str:
    return f"alert:silent:{workflow_id}"


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
    return mail.as_text(lines)
