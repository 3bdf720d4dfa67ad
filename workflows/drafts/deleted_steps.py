"""Steps that a draft has no more and still refers to, so that what refers to them can name them."""

from collections.abc import Iterator

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.step_references import (
    paths_in_conditions,
    steps_named,
    steps_used,
)
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.models import Edit, Workflow


def deleted_steps(workflow: Workflow, document: Json) -> tuple[Json, ...]:
    """The steps that `document` refers to and does not have, as the workflow had them last.

    Reads nothing as long as every step that is referred to is there.
    """
    own = {place.step["key"] for place in steps(document)}
    missing = _named(document) - own
    found: dict[str, Json] = {}
    for former in _former(workflow) if missing else ():
        for place in steps(former):
            if place.step["key"] in missing:
                found.setdefault(place.step["key"], place.step)
        if found.keys() == missing:
            break
    return tuple(found.values())


def _named(document: Json) -> frozenset[str]:
    """The keys of the steps that something in the document refers to."""
    used = (steps_used(place.step) for place in steps(document))
    return steps_named(paths_in_conditions(document["trigger"].get("conditions"))).union(*used)


def _former(workflow: Workflow) -> Iterator[Json]:
    """What the draft said before, the newest first, and then what the active version says."""
    edits = Edit.objects.filter(workflow=workflow, is_undone=False).order_by("-revision")
    yield from edits.values_list("document", flat=True).iterator(chunk_size=10)
    if workflow.active_version is not None:
        yield workflow.active_version.document
