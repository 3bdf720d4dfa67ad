"""Pausing a workflow on its page, and resuming it."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.translation import gettext as _

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.outcomes import done
from stripeflow.workflows.admin.base.passed_times import chosen, while_paused
from stripeflow.workflows.admin.base.workflow_page import WorkflowButton
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.limits import people
from stripeflow.workflows.models import Workflow

# How many accounts the banner names.
_SHOWN = 5


class PausePage(WorkflowButton):
    """Hold its runs; the reason is shown to everybody."""

    name = "pause"
    permission = permissions.may_pause

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        people.pause(workflow, Act.of(request, request.POST.get("reason", "").strip()))
        sentence = _("Paused. Its runs are held before their next step.")
        return done(request, workflow, sentence, logged=_("Paused: %s") % workflow.paused_reason)


class ResumePage(WorkflowButton):
    """End the pause."""

    name = "resume"
    permission = permissions.may_pause

    def change(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        times = while_paused(workflow)
        went_on = people.resume(workflow, Act.of(request))
        message = f"{_('Resumed. %d held runs go on.') % went_on.released} {went_on.sentence}".strip()
        answer = done(request, workflow, message)
        return HttpResponseRedirect(url) if (url := chosen(request, times)) else answer


def pauses_context(workflow: Workflow, user: Any) -> dict[str, Any]:
    """The pauses for the banner (of many accounts, the newest), and why `user` may not resume."""
    pauses = list(workflow.account_pauses.order_by("-paused_at", "-pk")[: _SHOWN + 1])
    is_paused = workflow.paused_at is not None or bool(pauses)
    return {
        "held_runs": people.held_by_pause(workflow) if is_paused else 0,
        "passed_times": while_paused(workflow) if is_paused else None,
        "account_pauses": [(AccountMode.of(one).label, one) for one in pauses[:_SHOWN]],
        "has_more_account_pauses": len(pauses) > _SHOWN,
        "refusal_to_resume": people.refusal_to_resume(user, workflow) if is_paused else "",
    }
