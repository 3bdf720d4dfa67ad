"""Fail runs that repeatedly crash their worker before any step is recorded.

If a step was under way, its own count of interruptions decides. This is for crashes outside of a step,
such as inputs whose rendering takes all memory. The once-a-second sweep calls it; it reads nothing of a
run but its steps.
"""

import logging
from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from uuid import UUID

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from stripeflow.actions.wording import worded
from stripeflow.workflows import conf
from stripeflow.workflows.alerts import runs as run_alerts
from stripeflow.workflows.destinations import outbox
from stripeflow.workflows.engine import ending
from stripeflow.workflows.engine.attempt_errors import interrupted
from stripeflow.workflows.engine.breaking_off import break_off
from stripeflow.workflows.engine.transitions import Claim, Leaving, LostLease, end_step
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.states import RunStatus, StepStatus

logger = logging.getLogger(__name__)


def give_up_exhausted(*, limit: int = 50) -> int:
    """Fail the runs whose workers crashed too often; returns how many. A person may retry them."""
    now = timezone.now()
    spent = Run.objects.in_work().exhausted(now).values_list("pk", "token")[:limit]
    claims = [Claim(pk, cast(UUID, token)) for pk, token in spent]
    if claims:
        listened_to, sent = ending.is_listened_to(), outbox.is_wanted()
        claims = [replace(claim, is_listened_to=listened_to, is_sent=sent) for claim in claims]
    return sum(_give_up(claim, now=now) for claim in claims)


def _give_up(claim: Claim, *, now: datetime) -> bool:
    """End one run in place of the worker that had claimed it; False if another one has it by now."""
    try:
        with transaction.atomic():
            step = _unanswered(claim.run_id)
            if step is None:
                break_off(claim, _error(), now=now)
            else:
                _leave_unknown(claim, step, now=now)
            transaction.on_commit(lambda: run_alerts.enqueue_run_ended(claim.run_id), robust=True)
    except LostLease:
        return False
    logger.error("workflows.run.given_up", extra={"run": str(claim.run_id)})
    return True


def _unanswered(run_id: UUID) -> StepRun | None:
    """The last step that may have acted, but has no recorded outcome. Items of a loop may have one each."""
    is_open = Q(status=StepStatus.STARTED) | Q(status=StepStatus.WAITING, may_have_acted=True)
    found = StepRun.objects.filter(is_open, run_id=run_id).order_by("-pk")
    return next((step for step in found if not _only_reads(step)), None)


def _only_reads(step: StepRun) -> bool:
    action = registry.find_for(step.action, step.inputs or {})
    return action is not None and action.repeat is Repeat.SAFE


def _leave_unknown(claim: Claim, step: StepRun, *, now: datetime) -> None:
    error = interrupted()
    named = {**error, "step": step.step_key, "step_name": step.name}
    leaving = Leaving(RunStatus.OUTCOME_UNKNOWN, {"error": named})
    outcome = {"error": error, "may_have_acted": True, "finished_at": now}
    end_step(claim, step, StepStatus.OUTCOME_UNKNOWN, leaving=leaving, **outcome)


def _error() -> dict[str, Any]:
    message = _(
        "%d workers in a row ended while they had this run, before they could record anything. It is not "
        "tried again automatically."
    )
    return failure("workers_lost", worded(message % conf.get("MAX_CLAIMS_WITHOUT_PROGRESS")))
