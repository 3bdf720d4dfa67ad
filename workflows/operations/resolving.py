"""Resolves the unknown outcomes of many runs at once.

Each run is resolved by itself, as `verbs.resolve` does it. "It happened" carries no outputs here, so it is
only possible if no other step needs them.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.step_references import references_of, steps_named
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import verbs
from stripeflow.workflows.operations.verbs import Outcome, Result
from stripeflow.workflows.states import StepStatus


def resolve_each(
    seen: Mapping[UUID, int], outcome: Outcome, act: Act, *, outputs: dict[str, Any] | None = None
) -> Iterator[Result]:
    """Resolve each of the runs, independently; `seen` has the revision of each.

    With `outputs`, all the steps get these. Codes are those of `verbs.perform_each`, `needs_outputs`, and
    `revision_conflict` for an unknown outcome that is not the one that was seen.
    """
    found = Run.objects.select_related("workflow", "version", "event").in_bulk(list(seen))
    unknown = unknown_steps(found)
    for one, revision in seen.items():
        run, step = found.get(one), unknown.get(one)
        if run is None:
            yield Result(one, code="not_found", message=_("There is no run %s.") % one)
        elif outcome is Outcome.HAPPENED and outputs is None and step and needs_outputs(run, step):
            yield Result(one, code="needs_outputs", message=_needs(run, step))
        else:
            yield _resolved(run, outcome, act, revision, outputs)


def mark_of(run: Run) -> str:
    """A run as it is now, in one word for a form or a command line: its id and revision."""
    return f"{run.pk}:{run.revision}"


def read_mark(text: str) -> tuple[UUID, int]:
    """The id and the revision that `mark_of` wrote. Raises `ValueError`."""
    pk, _colon, revision = text.partition(":")
    return UUID(pk), int(revision)


def unknown_steps(ids: Iterable[UUID]) -> dict[UUID, StepRun]:
    """The step with an unknown outcome of each run that has one; a constant number of queries."""
    rows = StepRun.objects.filter(
        run__in=list(ids), status=StepStatus.OUTCOME_UNKNOWN, superseded_at=None
    ).order_by("pk")
    return {step.run_id: step for step in rows}


def needs_outputs(run: Run, step: StepRun) -> bool:
    """Whether another step of the run's version refers to what this one gave."""
    return refers_to(run.version.document, step.step_key)


def refers_to(document: Json, key: str) -> bool:
    """Whether a step of `document` refers to the step `key`.

    Its own error branch does not count: that reads the step's error, and a step that happened has none.
    """
    found = (place for place in steps(document) if key not in [step["key"] for step in place.failed])
    return any(key in steps_named(references_of(place.step)) for place in found)


def _resolved(run: Run, outcome: Outcome, act: Act, revision: int, outputs: dict[str, Any] | None) -> Result:
    try:
        return Result(run.pk, verbs.resolve(run, outcome, act, revision=revision, outputs=outputs))
    except (NotPossible, PermissionDenied) as error:
        return Result.refused(run.pk, error)


def _needs(run: Run, step: StepRun) -> str:
    return _(
        "Later steps of the run %(run)s need what “%(step)s” gave: resolve it singly, with its outputs."
    ) % {
        "run": run.pk,
        "step": title_in(run.version.document, step.step_key),
    }
