"""Workflows that run each other in a circle, as far as their definitions say so."""

from collections.abc import Iterator

from django.utils.translation import gettext as _

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.other_workflows import found
from stripeflow.workflows.definition.problems import Problem
from stripeflow.workflows.definition.walk import steps


def circles(workflow_id: int, document: Json) -> Iterator[Problem]:
    """The steps of the workflow of this ID that run it again, at once or by way of others."""
    for place in steps(document):
        for reference in kinds.of(place.step).runs(place.step):
            way = _way([reference], workflow_id, set())
            if not way:
                continue
            message = _("The workflow would run itself: %(way)s. Choose another one.")
            names = " → ".join(_("“%s”") % name for name in way)
            path = f"{place.path}/inputs/workflow"
            yield Problem(path, "runs_itself", message % {"way": names}, place.step["key"], field="workflow")


def _way(references: list[Json], to: int, seen: set[int]) -> list[str]:
    """The names of the workflows by which one of these comes to run `to`; none if they do not."""
    here = found(one for one in references if one["id"] not in seen)
    for pk, other in here.items():
        if pk == to:
            return [other.name]
        seen.add(pk)
        if other.active is None:
            continue
        inside = [one for place in steps(other.active) for one in kinds.of(place.step).runs(place.step)]
        if way := _way(inside, to, seen):
            return [other.name, *way]
    return []
