"""Pausing a workflow on its page, and letting it go on."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path
from django.utils.translation import gettext as _

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows import permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.admin.base.admin_log import log_on_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import people
from stripeflow.workflows.models import Workflow

# How many accounts the banner names.
_SHOWN = 5


class PauseViews:
    """The addresses below a workflow's page that pause and resume it. A mixin of its ModelAdmin."""

    behind: Callable[..., Any]
    _posted: Callable[..., Workflow]

    def get_urls(self) -> list[URLPattern]:
        name, may = "stripeflow_workflows_workflow", permissions.may_pause
        return [
            path("<int:pk>/pause/", self.behind(may, self.pause_view), name=f"{name}_pause"),
            path("<int:pk>/resume/", self.behind(may, self.resume_view), name=f"{name}_resume"),
            *super().get_urls(),  # type: ignore[misc]
        ]

    def pauses_context(self, workflow: Workflow, user: Any) -> dict[str, Any]:
        """What is paused, for the banner: of many accounts the newest ones. And why `user` may not resume."""
        pauses = list(workflow.account_pauses.order_by("-paused_at", "-pk")[: _SHOWN + 1])
        is_paused = workflow.paused_at is not None or bool(pauses)
        return {
            "held_runs": people.held_by_pause(workflow) if is_paused else 0,
            "account_pauses": [(AccountMode.of(one).label, one) for one in pauses[:_SHOWN]],
            "has_more_account_pauses": len(pauses) > _SHOWN,
            "refusal_to_resume": people.refusal_to_resume(user, workflow) if is_paused else "",
        }

    def pause_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Hold its runs; the reason is shown to everybody."""
        workflow = self._posted(request, pk)
        try:
            people.pause(workflow, Act.of(request, request.POST.get("reason", "").strip()))
        except NotPossible as error:
            return _sorry(request, workflow, error)
        log_on_workflow(request, workflow, _("Paused: %s") % workflow.paused_reason)
        messages.success(request, _("Paused. Its runs are held before their next step."))
        return HttpResponseRedirect(workflow_url(workflow))

    def resume_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """End the pause."""
        workflow = self._posted(request, pk)
        try:
            went_on = people.resume(workflow, Act.of(request))
        except (NotPossible, ProofNeeded) as error:
            return _sorry(request, workflow, error)
        message = f"{_('Resumed. %d held runs go on.') % went_on.released} {went_on.sentence}".strip()
        log_on_workflow(request, workflow, message)
        messages.success(request, message)
        return HttpResponseRedirect(workflow_url(workflow))


def _sorry(request: HttpRequest, workflow: Workflow, error: NotPossible | ProofNeeded) -> HttpResponse:
    messages.error(request, str(error))
    return HttpResponseRedirect(workflow_url(workflow))
