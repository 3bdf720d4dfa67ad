"""New from template: the ready-made workflows, which people copy."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.triggers.costly import answers_busy, turn
from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, permission_missing
from stripeflow.workflows.admin.base.admin_log import log_new_workflow
from stripeflow.workflows.admin.base.links import workflow_url
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.base.people import person_of
from stripeflow.workflows.admin.editor.template_form import DAYS, DAYS_FIELD, TemplateForm
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.display.cards import Outline
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.backtest import Match, Span, backtest
from stripeflow.workflows.rehearsal.drafts import NotRehearsable, script_of_unsaved
from stripeflow.workflows.rehearsal.shown import amounts_of, sums_of
from stripeflow.workflows.workflow_templates import (
    Goal,
    UnknownTemplate,
    WorkflowTemplate,
)
from stripeflow.workflows.workflow_templates.saved import found, offered

# With this in the address, only templates are shown that the reader may activate.
MINE = "mine"
# The button that tries a template, and creates nothing.
BACKTEST = "backtest"
_SHOWN_MATCHES = 20


@dataclass(frozen=True)
class Entry:
    """A template, drawn, and the permission that the reader lacks to activate it, as a sentence."""

    template: WorkflowTemplate
    outline: Outline
    lacks: str


class GalleryPage(AdminPage):
    """Every template, with what it is for."""

    name = "templates"
    permission = permissions.may_add
    template = "stripeflow/workflows/admin/template_gallery.html"

    def get(self, request: HttpRequest) -> HttpResponse:
        entries = [_entry(one, request) for one in offered()]
        only_mine = MINE in request.GET
        seen = [one for one in entries if not (only_mine and one.lacks)]
        ours = [one for one in seen if one.template.saved_as is None]
        groups = [(goal.label, [one for one in ours if one.template.goal == goal]) for goal in Goal]
        saved = [one for one in seen if one.template.saved_as is not None]
        return self.shown(
            request,
            title=_("New workflow from a template"),
            groups=[(label, found) for label, found in [(_("Saved here"), saved), *groups] if found],
            only_mine=only_mine,
            some_lack=any(one.lacks for one in entries),
        )


class TemplatePage(AdminPage):
    """The parameters of one template; POST creates the copy and opens it."""

    name = "template"
    route = "templates/<slug:key>/"
    permission = permissions.may_add
    template = "stripeflow/workflows/admin/template_form.html"

    def found(self, request: HttpRequest, *, key: str) -> dict[str, Any]:
        try:
            return {"chosen": found(key)}
        except UnknownTemplate as error:
            raise Http404 from error

    def get(self, request: HttpRequest, chosen: WorkflowTemplate) -> HttpResponse:
        return self._form(request, TemplateForm(None, template=chosen, user=person_of(request)), chosen)

    @answers_busy
    def post(self, request: HttpRequest, chosen: WorkflowTemplate) -> HttpResponse:
        form = TemplateForm(request.POST or None, template=chosen, user=person_of(request))
        if not form.is_valid():
            return self._form(request, form, chosen)
        if BACKTEST in request.POST:
            return self._form(request, form, chosen, **_backtested(request, form))
        return _create(request, chosen, form)

    def _form(
        self, request: HttpRequest, form: TemplateForm, chosen: WorkflowTemplate, **tried: Any
    ) -> HttpResponse:
        entry = _entry(chosen, request)
        return self.shown(
            request,
            title=str(chosen.name),
            media=self.admin.media + form.media,
            form=form,
            asked=form.asked(),
            days=form[DAYS_FIELD],
            template=chosen,
            outline=entry.outline,
            lacks=entry.lacks,
            may_backtest=permissions.may_rehearse_events(request.user),
            starts_on_events=not TriggerPlan.of(chosen.document()["trigger"]).is_addressed,
            may_rename=chosen.saved_as is not None and permissions.may_see_templates(request.user),
            **tried,
        )


def _backtested(request: HttpRequest, form: TemplateForm) -> dict[str, Any]:
    """What the workflow would have done on the events of some days. Writes no row, and starts nothing."""
    if not permissions.may_rehearse_events(request.user):
        raise PermissionDenied
    try:
        script = script_of_unsaved(form.document())
        with turn(request.user):
            found = backtest(script, Span.of_days(form.cleaned_data[DAYS_FIELD] or DAYS))
    except NotRehearsable as error:
        return {"fault": str(error)}
    newest = found.matches[:_SHOWN_MATCHES]
    return {
        "found": found,
        "moved": sums_of(found),
        "rows": [{"match": match, "moved": amounts_of(match), "url": _event_url(match)} for match in newest],
        "more": len(found.matches) - len(newest),
    }


def _event_url(match: Match) -> str:
    return reverse("admin:stripeflow_triggers_event_change", args=[match.pk])


def _create(request: HttpRequest, chosen: WorkflowTemplate, form: TemplateForm) -> HttpResponse:
    document = form.document()
    workflow = lifecycle.create(document, owner=request.user, template_key=chosen.key, act=Act.of(request))
    log_new_workflow(request, workflow, _("Made from the template “%s”.") % chosen.name)
    messages.success(
        request, _("This workflow is yours. Look it over, change what you like, and activate it.")
    )
    return HttpResponseRedirect(workflow_url(workflow))


def _entry(one: WorkflowTemplate, request: HttpRequest) -> Entry:
    document = one.document()
    return Entry(one, outline(document), permission_missing(request.user, Operation.ACTIVATE, [document]))
