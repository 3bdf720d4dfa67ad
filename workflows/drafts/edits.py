"""The changes of a workflow's rows that can be undone, and made again: a stack of documents.

Callers hold the guard of `drafts.editing.editing`, so that nobody else touches the stack meanwhile.
"""

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models import Edit, Workflow

KEPT = 50


def last_done(workflow: Workflow) -> Edit | None:
    """The change that undo takes back."""
    return Edit.objects.filter(workflow=workflow, is_undone=False).order_by("-revision").first()


def first_undone(workflow: Workflow) -> Edit | None:
    """The change that redo makes again."""
    return Edit.objects.filter(workflow=workflow, is_undone=True).order_by("revision").first()


def push(workflow: Workflow, before: Json) -> None:
    """Remember the change that made the workflow's revision. What was undone before it is gone for good."""
    rows = Edit.objects.filter(workflow=workflow)
    rows.filter(is_undone=True).delete()
    Edit.objects.create(workflow=workflow, revision=workflow.revision, document=before)
    old = list(rows.order_by("-revision").values_list("pk", flat=True)[KEPT:])
    rows.filter(pk__in=old).delete()


def turn(edit: Edit, now: Json) -> None:
    """Note that a change was undone or made again; `now` is what the rows said before that."""
    Edit.objects.filter(pk=edit.pk).update(document=now, is_undone=not edit.is_undone)
