"""Admin pages that only show: lists, and a page of each row that is a template of its own."""

from typing import Any, ClassVar

from django import forms
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.forms.widgets import Script
from django.http import HttpRequest, HttpResponse

from stripeflow.triggers.guarded_admin import NotEdited
from stripeflow.workflows.admin.base.pages import PagedAdmin
from stripeflow.workflows.admin.base.texts import TEXTS

# The stubs know paths alone.
_SCRIPTS: list[Any] = [TEXTS, Script("stripeflow/workflows/reading.js", type="module")]

RUN_MEDIA = forms.Media(
    css={
        "screen": [
            "stripeflow/workflows/editor.css",
            "stripeflow/workflows/runs.css",
            "stripeflow/workflows/canvas.css",
            "stripeflow/workflows/failing.css",
            "stripeflow/workflows/marks.css",
        ]
    },
    js=_SCRIPTS,
)


class ReadOnly(NotEdited, PagedAdmin):
    """People do not write history: `page_template` replaces Django's form."""

    page_template: ClassVar[str]
    actions = None

    @property
    def media(self) -> forms.Media:
        return super().media + RUN_MEDIA

    def page_context(self, request: HttpRequest, row: Any) -> dict[str, Any]:
        """What the template shows of `row`. For subclasses."""
        raise NotImplementedError

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        self.check_view(request)
        row = self.get_object(request, unquote(object_id))
        if row is None:
            gone = self._get_obj_does_not_exist_redirect  # type: ignore[attr-defined]  # not in the stubs
            return gone(request, self.opts, object_id)
        if not self.has_view_permission(request, row):
            raise PermissionDenied
        return self.shown(request, self.page_template, self.page_context(request, row))
