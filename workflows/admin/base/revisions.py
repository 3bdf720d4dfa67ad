"""Two people at one workflow: a change is checked against the revision that its author saw."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse

from stripeflow.workflows.admin.base.pages import PagedAdmin
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts import editing


def posted_revision(request: HttpRequest) -> int:
    """The revision that a small form carries. Raises `Http404` if it is not a number."""
    try:
        return int(request.POST["revision"])
    except (KeyError, ValueError) as error:
        raise Http404 from error


class RevisionedAdmin(PagedAdmin):
    """A `ModelAdmin` whose form saves one guarded change, under the revision that its reader saw."""

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except editing.RevisionConflict:
            # Another change came between the form's check and the guarded update: now the check sees it.
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (editing.NotAllowed, DefinitionError) as error:
            return self.not_saved(request, object_id, error)

    def not_saved(self, request: HttpRequest, object_id: str | None, why: Exception) -> HttpResponse:
        """The response with the reason why nothing was saved. For subclasses."""
        raise NotImplementedError
