"""Explains the references of an unsaved form: their labels, values, and what is wrong with them.

The page's script asks for it, for the chips in its boxes. Values are sample data, or those of a recent event
for people who may see payloads.
"""

from typing import TYPE_CHECKING

from django.http import HttpRequest, JsonResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from stripeflow.actions.visible import single_line
from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.pages import AdminPage
from stripeflow.workflows.admin.editor.preview import sample_scope
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import Severity
from stripeflow.workflows.definition.referring import reference_problems
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.words import template_parts
from stripeflow.workflows.matching.candidates import of_types
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.references import RenderError, TemplateError, parse, render
from stripeflow.workflows.references.texts import as_text

if TYPE_CHECKING:
    from stripeflow.workflows.admin.editor.steps import StepAdmin

_MOST = 200
_LONGEST = 2_000
_SHOWN = 200


class ValuesPage(AdminPage):
    """Say in words what each `text` of a step's form gives. Nothing is saved."""

    name = "values"
    route = "<int:object_id>/values/"
    permission = permissions.may_edit
    admin: "StepAdmin"

    def post(self, request: HttpRequest, object_id: int | None = None) -> JsonResponse:
        step = str(object_id) if object_id else None
        # This refuses a place that does not exist.
        workflow = self.admin.target(request, step)
        known = self.admin.known(request, self.admin.piece(request, step) if step else None)
        scope, source = scope_of(request, known, workflow)
        texts = [text[:_LONGEST] for text in request.POST.getlist("text")[:_MOST]]
        return JsonResponse(
            {"texts": {text: explained(text, known, scope) for text in texts}, "source": source}
        )


class NewValuesPage(ValuesPage):
    """The same of a new step, which has no row."""

    name = "add_values"
    route = "add/values/"


def scope_of(request: HttpRequest, known: Known, workflow: Workflow) -> tuple[Json, str]:
    """What a run would know, and its source: the newest event of the type, or a sample."""
    if permissions.may_see_payloads(request.user):
        events = of_types(known.trigger, workflow.pk).whole()
        newest = events.order_by("-created").first()
        if newest is not None:
            return sample_scope(known, event=newest), newest.external_id
    return sample_scope(known), _("sample data")


def explained(text: str, known: Known, scope: Json) -> dict[str, str]:
    """The label of a text with references, its value, and why it cannot be used ("" if it can).

    With it goes a warning, if there is one.
    """
    label = "".join(part.text for part in template_parts(text, known))
    found = list(reference_problems(text, known))
    problem = next((one.message for one in found if one.severity is Severity.ERROR), "")
    if problem:
        return {"label": label, "problem": problem, "value": ""}
    shown = _shown(text, known, scope)
    return {"label": label, "problem": "", **shown, **({"warning": found[0].message} if found else {})}


def _shown(text: str, known: Known, scope: Json) -> dict[str, str]:
    try:
        value = as_text(render(parse(text), scope, locale=get_language()))[:_SHOWN]
    except RenderError as error:
        return {"value": "", "missing": error.sentence(known.named)}
    except TemplateError as error:
        return {"value": "", "missing": str(error)}
    return {"value": single_line(value)}
