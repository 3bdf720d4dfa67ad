"""Says unsaved conditions as a sentence, while they are edited."""

from typing import TYPE_CHECKING, Any

from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse

from stripeflow.workflows.admin.editor.pieces import PiecePage
from stripeflow.workflows.admin.editor.scope import Home
from stripeflow.workflows.admin.editor.trigger_form import plan_in
from stripeflow.workflows.definition.condition_types import Finder
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.drafts.condition_rows import ConditionRows, rows_in
from stripeflow.workflows.models import Condition, Trigger
from stripeflow.workflows.models.condition import ConditionKind

if TYPE_CHECKING:
    from stripeflow.workflows.admin.editor.conditions import HomeAdmin


class SentencePage(PiecePage):
    """For pages with condition rows: what the posted rows mean, as a sentence. Nothing is saved."""

    name = "sentence"
    template = "stripeflow/workflows/admin/sentence.html"
    admin: "HomeAdmin[Any]"

    def post(self, request: HttpRequest, piece: Home) -> HttpResponse:
        form = self.admin.get_form(request, piece, change=True)(request.POST, instance=piece)
        form.is_valid()
        make = self.admin._create_formsets  # type: ignore[attr-defined]  # not in the stubs
        formsets, _inlines = make(request, piece, change=True)
        # An error branch and “All other cases” have no rows.
        documents, incomplete = _documents(formsets[0], rows_in(piece)) if formsets else ([], 0)
        finder = self._finder(request, piece)
        sentence = condition_sentence({"match": piece.match, "conditions": documents}, finder)
        return TemplateResponse(request, self.template, {"sentence": sentence, "incomplete": incomplete})

    def _finder(self, request: HttpRequest, piece: Home) -> Finder:
        if isinstance(piece, Trigger):
            return Known(plan_in(request.POST, piece))
        return self.admin.scope(request, piece).finder_of(piece)


def _documents(formset: Any, saved: list[tuple[Condition, Json]]) -> tuple[list[Json], int]:
    """The rows that can be read, in their order, and how many others there are."""
    formset.is_valid()
    within = {row.pk: document for row, document in saved}
    rows = [form for form in formset.forms if _stays(form)]
    rows.sort(key=lambda form: (form.instance.pk is None, form.cleaned_data.get("order") or 0))
    readable = [form for form in rows if not form.errors]
    documents = [_document(form.instance, within.get(form.instance.pk)) for form in readable]
    return [one for one in documents if one], len(rows) - len(readable)


def _stays(form: Any) -> bool:
    is_blank = form.instance.pk is None and not form.has_changed()
    return not is_blank and hasattr(form, "cleaned_data") and not form.cleaned_data.get("DELETE")


def _document(row: Condition, saved: Json | None) -> Json | None:
    """One row as it would be saved; None for a group that has nothing in it yet."""
    own = ConditionRows().document(row)
    if row.kind == ConditionKind.TEST:
        return own
    inner = saved.get("conditions") if saved else None
    return {**own, "conditions": inner} if inner else None
