"""The kill switch in the admin: its page, and what other pages say while it is thrown."""

from typing import Any

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.triggers.guarded_admin import NotEdited
from stripeflow.workflows import permissions
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.admin.base.media import EDITOR_MEDIA
from stripeflow.workflows.admin.base.pages import AdminPage, PagedAdmin
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.limits import people, switch
from stripeflow.workflows.models.limits import Switch

REASON_LENGTH = 500


def switch_context(request: HttpRequest) -> dict[str, Any]:
    """The banner of all pages while the kill switch is thrown, with a link to it."""
    state = switch.current()
    may_use = permissions.may_use_switch(request.user)
    return {
        "kill_switch": state,
        "kill_switch_sentence": people.switch_sentence(state),
        "kill_switch_url": reverse("admin:stripeflow_workflows_switch_changelist") if may_use else "",
    }


class SwitchPage(AdminPage):
    """The switch's state; POST throws it or puts it back. It replaces Django's list."""

    name = "changelist"
    route = ""
    permission = permissions.may_use_switch
    template = "stripeflow/workflows/admin/switch.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        return self.shown(
            request,
            **switch_context(request),
            title=_("Kill switch"),
            media=self.admin.media + EDITOR_MEDIA,
            held=people.held_by_switch(),
            refusal_to_start=people.refusal_to_start(request.user) if switch.current().stopped_at else "",
            reason_length=REASON_LENGTH,
        )

    def post(self, request: HttpRequest) -> HttpResponse:
        try:
            message = _turned(request)
        except (NotPossible, ProofNeeded) as error:
            messages.warning(request, str(error))
        else:
            messages.success(request, message)
        return HttpResponseRedirect(request.path)


def _turned(request: HttpRequest) -> str:
    act = Act.of(request, request.POST.get("reason", "").strip())
    if "stop" in request.POST:
        people.stop_all(act)
        return _("Stopped. Within five seconds no step starts any more; calls under way end.")
    if "start" in request.POST:
        went_on = people.start_all(act)
        return f"{_('Started. %d held runs go on.') % went_on.released} {went_on.sentence}".strip()
    raise PermissionDenied


@admin.register(Switch)
class SwitchAdmin(NotEdited, PagedAdmin):
    """One page; there is nothing to list, and nothing to add."""

    pages = (SwitchPage,)
    has_django_pages = False

    def has_module_permission(self, request: HttpRequest) -> bool:
        return permissions.may_use_switch(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return permissions.may_use_switch(request.user)
