"""What most of a role's requests are about: what has values to tell, and what is guarded if it goes on."""

import json

from stripeflow.workflows.models import Run, Workflow, WorkflowVersion
from stripeflow.workflows.states import RunStatus
from tests.workflows.doors.marked import World, ways


def wanted(world: World) -> set[str]:
    """The ids of them, as addresses name them."""
    return _marked(world) | _waiting()


def _marked(world: World) -> set[str]:
    events = (world.event, world.broken)
    runs = [str(run.pk) for name, run in world.runs.items() if name not in ways() or ways()[name].seen]
    return {*runs, *(str(one.pk) for one in events), *(one.external_id for one in events)}


def _waiting() -> set[str]:
    guarded = WorkflowVersion.objects.filter(number=1).values_list("pk", "document")
    keys = ("test.money", "test.customers")
    versions = [pk for pk, document in guarded if any(key in json.dumps(document) for key in keys)]
    runs = Run.objects.filter(version__in=versions).exclude(status=RunStatus.SUCCEEDED, claims__gt=1)
    return {str(pk) for pk in runs.values_list("pk", flat=True)}


def revisions() -> dict[str, int]:
    """Of all that a request may be about: what guards a change of it."""
    rows = (*Run.objects.all(), *Workflow.objects.all())
    return {str(one.pk): one.revision for one in rows}
