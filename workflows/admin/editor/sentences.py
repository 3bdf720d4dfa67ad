"""Conditions read back while they are being changed: the unsaved form of a page as a sentence."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.editor.scope import Home
from stripeflow.workflows.admin.editor.trigger_form import events_in
from stripeflow.workflows.definition.condition_types import Finder
from stripeflow.workflows.definition.typing import Known
from stripeflow.workflows.definition.walk import Json
from stripeflow.workflows.display.words import condition_sentence
from stripeflow.workflows.drafts.condition_rows import ConditionRows, rows_in
from stripeflow.workflows.models import Condition, Trigger
from stripeflow.workflows.models.condition import ConditionKind

TEMPLATE = "stripeflow/workflows/admin/sentence.html"


class Sentences:
    """A mixin for pages with condition rows: `…/sentence/` takes their form, and saves nothing."""

    behind: Callable[..., Any]
    opts: Any

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_sentence"
        view = self.behind(permissions.may_edit, self.sentence_view)
        return [path("<int:object_id>/sentence/", view, name=name), *super().get_urls()]

    def sentence_view(self, request: HttpRequest, object_id: int) -> HttpResponse:
        """What the conditions mean as they stand in the form that was sent."""
        if request.method != "POST":
            raise Http404
        obj = self.piece(request, str(object_id))
        form = self.get_form(request, obj, change=True)(request.POST, instance=obj)
        form.is_valid()
        formsets, _inlines = self._create_formsets(request, obj, change=True)
        # An error branch and “All other cases” have no rows.
        documents, incomplete = _documents(formsets[0], rows_in(obj)) if formsets else ([], 0)
        finder = self._finder(request, obj)
        sentence = condition_sentence({"match": obj.match, "conditions": documents}, finder)
        return TemplateResponse(request, TEMPLATE, {"sentence": sentence, "incomplete": incomplete})

    def _finder(self, request: HttpRequest, obj: Home) -> Finder:
        if isinstance(obj, Trigger):
            return Known(events_in(request.POST) or obj.event_types)
        return self.scope(request, obj).finder_of(obj)


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
