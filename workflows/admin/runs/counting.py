"""“Counts”: how often each card of a version ran, on the canvas and as a table."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows import permissions
from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.admin.base.workflow_page import WorkflowPage
from stripeflow.workflows.admin.runs.waiting import waits_on_canvas
from stripeflow.workflows.display.cards import Outline
from stripeflow.workflows.display.outline import outline
from stripeflow.workflows.history.counts import Counts, Range, count_marks, counts_of
from stripeflow.workflows.models import Workflow, WorkflowVersion
from stripeflow.workflows.states import StepStatus

# How many versions can be chosen, newest first.
_VERSIONS = 50


class CountsForm(forms.Form):
    version = forms.ChoiceField(label=gettext_lazy("Version"), required=False)
    range = forms.ChoiceField(
        label=gettext_lazy("Time"), required=False, choices=[(one.value, one.label) for one in Range]
    )

    def __init__(self, workflow: Workflow, data: Any) -> None:
        numbers = list(workflow.versions.values_list("number", flat=True)[:_VERSIONS])
        active = workflow.active_version
        default = active.number if active else numbers[0] if numbers else ""
        chosen = data.get("version", "")
        self.number = chosen if chosen in map(str, numbers) else str(default)
        span = data.get("range", "")
        self.span = Range(span) if span in list(Range) else Range.WEEK
        super().__init__({"version": self.number, "range": self.span.value})
        field_of(self, "version", forms.ChoiceField).choices = [
            (str(number), f"v{number}") for number in numbers
        ]


class CountsPage(WorkflowPage):
    """How often each card of the chosen version ran. The canvas is that version's."""

    name = "counts"
    permission = permissions.may_count
    template = "stripeflow/workflows/rehearsal/counts.html"

    def get(self, request: HttpRequest, workflow: Workflow) -> HttpResponse:
        form = CountsForm(workflow, request.GET)
        version = workflow.versions.filter(number=form.number).first() if form.number else None
        counts = counts_of(version, form.span) if version else Counts()
        return self.shown(
            request,
            workflow=workflow,
            title=_("Counts"),
            body="stripeflow/workflows/rehearsal/counts_body.html",
            form=form,
            version=version,
            counts=counts,
            is_nav_sidebar_enabled=False,
            **(_drawn(version, counts) if version else {}),
        )


def _drawn(version: WorkflowVersion, counts: Counts) -> dict[str, Any]:
    waits = waits_on_canvas(version.workflow, version=version)
    canvas = outline(version.document, marks=count_marks(counts), waits=waits)
    runs = reverse("admin:stripeflow_workflows_run_changelist")
    query = f"?workflow__id__exact={version.workflow_id}&version={version.number}"
    return {"canvas": canvas, "rows": list(_rows(canvas, counts)), "runs_url": runs + query}


def _rows(canvas: Outline, counts: Counts) -> Iterator[dict[str, Any]]:
    for card in canvas.all():
        found = counts.steps.get(card.key)
        total = found.total() if found else 0
        failed = found[StepStatus.FAILED] if found else 0
        succeeded = found[StepStatus.SUCCEEDED] if found else 0
        others = total - succeeded - failed
        yield {"card": card, "total": total, "succeeded": succeeded, "failed": failed, "others": others}
