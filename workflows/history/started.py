"""Runs that start each other: by a step that runs another workflow, or by their end."""

from uuid import UUID

from django.db.models import QuerySet

from stripeflow.triggers.models import BODY, Source
from stripeflow.workflows.limits.loops import end_key, run_in_key
from stripeflow.workflows.models import Run

# On a page; each has a page of its own.
MOST = 50
# Events of these are made by us alone. The key in an event of Stripe's is no proof.
_OURS = (Source.ON_DEMAND, Source.WORKFLOW)


def cause_of_run(run: Run) -> Run | None:
    """The run that has started this one, if one has."""
    event = run.event
    found = run_in_key(event.request_idempotency_key) if event.source in _OURS else None
    return _rows().filter(pk=found).first() if found else None


def runs_started_by(run: Run) -> list[Run]:
    """The runs that this one has started, the first ones."""
    keys = [step.idempotency_key for step in run.steps.all() if step.idempotency_key]
    caused = {"event__source__in": _OURS, "event__request_idempotency_key__in": [*keys, end_key(run.pk)]}
    return list(_rows().filter(**caused).order_by("created_at")[:MOST])


def ids_of(runs: list[Run]) -> list[UUID]:
    """Their IDs."""
    return [run.pk for run in runs]


def _rows() -> QuerySet[Run]:
    return Run.objects.select_related("workflow", "event").defer(*(f"event__{name}" for name in BODY))
