"""Where to fix a problem: the page of its piece, and the field there."""

import re
from dataclasses import dataclass

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _

from stripeflow.workflows.admin.editor.scope import Scope
from stripeflow.workflows.admin.editor.step_form import INPUTS_PREFIX
from stripeflow.workflows.definition.cancel_when import is_on_cancel_conditions
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY
from stripeflow.workflows.definition.problems import Problem, Problems
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.display.outline import Rows
from stripeflow.workflows.models import Workflow

_TEST = re.compile(r"/conditions/conditions/(?P<row>\d+)(/(?P<part>field|operator|value))?$")
_ROW = re.compile(r"/conditions/conditions/(?P<row>\d+)/")
_CANCEL = re.compile(r"/trigger/cancel_when/(?P<number>\d+)/(?P<part>\w+)")
_PARTS = {"field": "chosen", "operator": "operator", "value": "text", None: "chosen"}


@dataclass(frozen=True)
class Mend:
    """A problem, the title of its piece ("" for the workflow itself), and the address to fix it."""

    problem: Problem
    place: str
    url: str


def mends(scope: Scope, rows: Rows | None) -> dict[str, list[Mend]]:
    """The errors and the warnings with their addresses. Without `rows` they lead to the cards alone."""
    problems, workflow = scope.problems, scope.workflow
    titles = {place.step["key"]: step_title(place.step) for place in steps(scope.document)}
    kinds = {"errors": problems.errors, "warnings": problems.warnings}
    return {
        kind: [Mend(one, _place(one, titles), _address(one, workflow, rows)) for one in found]
        for kind, found in kinds.items()
    }


def boxes(problems: Problems) -> dict[str, list[tuple[Problem, str]]]:
    """The errors and the warnings of a piece, each with the box on its page."""
    kinds = {"errors": problems.errors, "warnings": problems.warnings}
    return {kind: [(one, box_of(one)) for one in found] for kind, found in kinds.items()}


def _place(problem: Problem, titles: dict[str, str]) -> str:
    if problem.step:
        return titles.get(problem.step, "")
    return _("Trigger") if problem.path.startswith("/trigger") else ""


def _card_of(problem: Problem) -> str:
    if problem.branch:
        return f"branch-{problem.step}-{problem.branch}"
    return f"step-{problem.step}" if problem.step else "trigger"


def box_of(problem: Problem) -> str:
    """The id of the box on the piece's page that a problem is about, or ""."""
    if condition := _TEST.search(problem.path):
        return f"id_conditions-{condition['row']}-{_PARTS[condition['part']]}"
    if group := _ROW.search(problem.path):
        return f"id_conditions-{group['row']}-chosen"
    if problem.path.endswith("/conditions"):
        return "id_conditions-0-chosen"
    if event := _CANCEL.match(problem.path):
        return f"id_cancel_when-{event['number']}-{event['part']}"
    if problem.path.startswith("/trigger/"):
        return f"id_{problem.field}"
    if "/inputs/" in problem.path:
        return f"id_{INPUTS_PREFIX}-{problem.field}"
    return f"id_retry_{problem.field}" if "/retry/" in problem.path else ""


def _address(problem: Problem, workflow: Workflow, rows: Rows | None) -> str:
    page = _page(problem, workflow, rows) if rows is not None else ""
    box = box_of(problem)
    return f"{page}#{box}" if page and box else page or f"#{_card_of(problem)}"


def _page(problem: Problem, workflow: Workflow, rows: Rows) -> str:
    if problem.path == "/steps":
        place = QueryDict(mutable=True)
        place.update({"workflow": str(workflow.pk), "position": "0"})
        return f"{reverse('admin:stripeflow_workflows_step_add')}?{place.urlencode()}"
    if problem.branch:
        # An error branch has no page: its steps are added on the canvas.
        pk = rows.branches.get((problem.step, problem.branch))
        return _change("branch", pk) if problem.branch != ERROR_BRANCH_KEY else ""
    if is_on_cancel_conditions(problem.path) and (event := _CANCEL.match(problem.path)):
        return _change("cancelevent", rows.cancels[int(event["number"])])
    return _change("step", rows.steps.get(problem.step)) if problem.step else _change("trigger", rows.trigger)


def _change(kind: str, pk: int | None) -> str:
    return reverse(f"admin:stripeflow_workflows_{kind}_change", args=[pk]) if pk is not None else ""
