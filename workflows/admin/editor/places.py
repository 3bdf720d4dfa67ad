"""The place of a new step, as the address of its page has it."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import Http404, QueryDict

from stripeflow.workflows.models import Branch, Workflow


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
    workflow = Workflow.objects.filter(pk=_number(query.get("workflow", ""))).first()
    if workflow is None:
        raise Http404
    return place_in(workflow, branch=query.get("branch", ""), position=query.get("position", "0"))


def place_in(workflow: Workflow, *, branch: str, position: str) -> NewPlace:
    """The place that two texts of a request name. Raises `Http404` as `new_place`."""
    if not branch:
        return NewPlace(workflow, None, _number(position))
    rows = Branch.objects.select_related("step").filter(step__workflow=workflow)
    found = rows.filter(pk=_number(branch)).first()
    if found is None:
        raise Http404
    return NewPlace(workflow, found, _number(position))


def _number(text: str) -> int:
    # Longer numbers do not fit a column, and the database would raise an error.
    if not (text.isascii() and text.isdigit() and len(text) < 16):
        raise Http404
    return int(text)
