"""Steps that a draft has no more and still refers to, so that what refers to them can name them."""

import json
import re
from collections.abc import Iterator

from stripeflow.workflows.definition.walk import Json, steps
from stripeflow.workflows.models import Edit, Workflow

_NAMED = re.compile(r"\bsteps\.([a-z][a-z0-9_]{0,59})")


def deleted_steps(workflow: Workflow, document: Json) -> tuple[Json, ...]:
    """The steps that `document` refers to and does not have, as the workflow had them last.

    Reads nothing as long as every step that is referred to is there.
    """
    own = {place.step["key"] for place in steps(document)}
    missing = set(_NAMED.findall(json.dumps(document))) - own
    found: dict[str, Json] = {}
    for former in _former(workflow) if missing else ():
        for place in steps(former):
            if place.step["key"] in missing:
                found.setdefault(place.step["key"], place.step)
        if found.keys() == missing:
            break
    return tuple(found.values())


def _former(workflow: Workflow) -> Iterator[Json]:
    """What the draft said before, the newest first, and then what the active version says."""
    edits = Edit.objects.filter(workflow=workflow, is_undone=False).order_by("-revision")
    yield from edits.values_list("document", flat=True).iterator(chunk_size=10)
    if workflow.active_version is not None:
        yield workflow.active_version.document
