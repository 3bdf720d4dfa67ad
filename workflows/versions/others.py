"""Workflows as other workflows name them."""

from collections.abc import Iterable, Iterator

from stripeflow.workflows.definition.other_workflows import OtherWorkflow
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.states import WorkflowStatus


def answer(ids: Iterable[int] | None) -> Iterator[OtherWorkflow]:
    """Those of these IDs, with what is active of them; or all that are not archived, by name, without."""
    if ids is None:
        for pk, name in Workflow.objects.current().order_by("name", "id").values_list("id", "name"):
            yield OtherWorkflow(pk, name)
        return
    columns = ("id", "name", "status", "active_version__document")
    for pk, name, status, document in Workflow.objects.filter(pk__in=set(ids)).values_list(*columns):
        yield OtherWorkflow(pk, name, status == WorkflowStatus.ARCHIVED, document)
