"""Tells the owner of a workflow that it was paused automatically."""

import logging

from django.utils.translation import gettext as _

from stripeflow.triggers.queue import enqueue
from stripeflow.workflows.alerts import mail
from stripeflow.workflows.models import Beat, Workflow
from stripeflow.workflows.queue import ALERT_PAUSED

logger = logging.getLogger(__name__)

# How many accounts an e-mail names.
_NAMED_PAUSES = 5


def workflow_paused(workflow_id: int) -> None:
    """Tell the owner that the workflow was paused automatically; nothing if it runs again by now."""
    try:
        workflow = Workflow.objects.select_related("owner").get(pk=workflow_id)
        if workflow.paused_at is not None:
            mail.send(workflow, _("“%s” is paused") % workflow.name, _paused_text(workflow))
        elif workflow.account_pauses.exists() and Beat.objects.claim(
            paused_turn(workflow_id), every=mail.EVERY
        ):
            mail.send(
                workflow, _("“%s” is paused for an account") % workflow.name, _account_paused_text(workflow)
            )
    except Exception:
        logger.exception("workflows.alert.failed", extra={"workflow": workflow_id})


def paused_turn(workflow_id: int) -> str:
    """Whose turn it is to report pauses for accounts: of many accounts, only the first is reported."""
    return f"alert:account_paused:{workflow_id}"


def enqueue_workflow_paused(workflow_id: int) -> None:
    """Have a worker report that a workflow was paused."""
    enqueue(ALERT_PAUSED, workflow_id)


def _paused_text(workflow: Workflow) -> str:
    lines = [
        _("The workflow “%s” was paused automatically.") % workflow.name,
        workflow.paused_reason,
        _("Its runs are held, and nothing is lost. Resume it when the reason is gone."),
    ]
    return mail.as_text(lines)


def _account_paused_text(workflow: Workflow) -> str:
    newest = workflow.account_pauses.order_by("-paused_at", "-pk")[:_NAMED_PAUSES]
    lines = [
        _("The workflow “%s” was paused automatically, for the accounts below. It goes on for all others.")
        % workflow.name,
        *map(str, newest),
        _("The runs of these accounts are held, and nothing is lost. Resume it when the reason is gone."),
        _("Further accounts are not mailed for a day, unless it is resumed."),
    ]
    return mail.as_text(lines)
