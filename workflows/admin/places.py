"""Where a new step is to stand, as the address of its page says it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, QueryDict

from workflows.models import Branch, Workflow


@dataclass(frozen=True)
class NewPlace:
    """A position among the steps of `branch`, or of the top level; from 0."""

    workflow: Workflow
    branch: Branch | None
    position: int

    @property
    def query(self) -> str:
        """The place as the query of an address."""
        place = {"workflow": self.workflow.pk, "position": self.position}
        if self.branch is not None:
            place["branch"] = self.branch.pk
        return urlencode(place)


def new_place(query: QueryDict) -> NewPlace:
    """The place in a query. Raises `Http404` for what does not exist, or belongs to another workflow."""
    workflow = Workflow.objects.filter(pk=_number(query, "workflow")).first()
    if workflow is None:
        raise Http404
    branch = None
    if query.get("branch"):
        rows = Branch.objects.select_related("step").filter(step__workflow=workflow)
        branch = rows.filter(pk=_number(query, "branch")).first()
        if branch is None:
            raise Http404
    return NewPlace(workflow, branch, _number(query, "position"))


def _number(query: QueryDict, name: str) -> int:
    text = query.get(name, "0" if name == "position" else "")
    # Longer numbers do not fit a column, and would be an error of the database.
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Http404
    return int(text)
