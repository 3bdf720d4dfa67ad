"""Pausing one workflow, or one account's part of it: its runs are held, and nothing is lost."""

import logging

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.alerts import pauses
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.models import AccountPause, Beat, Deauthorization, Run, Schedule, Workflow
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.schedules.leaving_out import pass_over_due
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)


def pause(workflow_id: int, reason: str) -> bool:
    """Pause the workflow; False if it was paused already. Runs are held when a worker takes them."""
    landed = Workflow.objects.filter(pk=workflow_id, paused_at__isnull=True).update(
        paused_at=timezone.now(), paused_reason=reason[:500]
    )
    if landed:
        logger.warning("workflows.workflow.paused", extra={"workflow": workflow_id, "reason": reason})
        _tell(workflow_id)
    return bool(landed)


def pause_account(workflow_id: int, whose: AccountMode, reason: str, *, cause: PauseCause) -> bool:
    """Pause the workflow for one account and mode; False if it was paused there. All others go on."""
    values = {"paused_at": timezone.now(), "reason": reason[:500], "cause": cause}
    with transaction.atomic():
        row, is_new = AccountPause.objects.get_or_create(
            workflow_id=workflow_id, **whose._asdict(), defaults=values
        )
        if is_new:
            details = {"cause": str(cause), "account": whose.account, "mode": whose.mode}
            record(kinds.ACCOUNT_PAUSED, NOBODY, row.workflow, after=details)
    if is_new:
        facts = {"workflow": workflow_id, "account": whose.account, "mode": whose.mode, "reason": reason}
        logger.warning("workflows.workflow.account_paused", extra=facts)
        # A missing key for a mode may be intended: connected accounts send events of both modes.
        if cause != PauseCause.NO_KEY or not whose.account:
            _tell(workflow_id)
    return is_new


def is_held_for(workflow_id: int, side: AccountMode) -> bool:
    """Whether each run of the workflow for this account and mode would have to be held."""
    return (
        AccountPause.objects.of_side(workflow_id, side).exists()
        or Deauthorization.objects.filter(**side._asdict(), deauthorized_at__isnull=False).exists()
    )


def resume(workflow_id: int) -> int:
    """End all pauses of a workflow, and queue the runs that they held; returns how many.

    Times of its schedule that passed meanwhile are left out, also those that no worker has looked at.
    """
    with transaction.atomic():
        was_paused = Workflow.objects.filter(pk=workflow_id, paused_at__isnull=False)
        rows = Schedule.objects.filter(workflow=workflow_id)
        if was_paused.update(paused_at=None, paused_reason=""):
            pass_over_due(rows, reason=LeftOutReason.PAUSED, now=timezone.now())
        else:
            pass_over_due(_held(rows), reason=LeftOutReason.ACCOUNT, now=timezone.now())
    if AccountPause.objects.filter(workflow_id=workflow_id).delete()[0]:
        _tell_of_the_next(workflow_id)
    held = Q(held_reason=HeldReason.PAUSED) | Q(held_reason=HeldReason.ACCOUNT_PAUSED)
    released = release_over(Run.objects.filter(held, workflow_id=workflow_id))
    logger.warning("workflows.workflow.resumed", extra={"workflow": workflow_id, "released": released})
    return released


def _held(rows: QuerySet[Schedule]) -> QuerySet[Schedule]:
    """Those of the schedules whose one account and mode is paused."""
    sides = {row.pk: plan_of(row.version_id).scope.only for row in rows}
    held = [row.pk for row in rows if (side := sides[row.pk]) and is_held_for(row.workflow_id, side)]
    return rows.filter(pk__in=held)


def _tell_of_the_next(workflow_id: int) -> None:
    Beat.objects.filter(name=pauses.paused_turn(workflow_id)).delete()


def _tell(workflow_id: int) -> None:
    transaction.on_commit(lambda: pauses.enqueue_workflow_paused(workflow_id), robust=True)
