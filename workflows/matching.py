"""From an accepted event to runs. Called by the inbox inside the transaction that stores the event."""

import logging
from collections.abc import Iterable

from django.db import Error, transaction
from django.utils import timezone

from triggers.json_safety import sanitize
from triggers.models import Event, Source
from workflows import conditions
from workflows.definition.plan import Plan, plan_of, plans_of
from workflows.engine.transitions import release_if_over
from workflows.limits.loops import Cause, cause_of, flood, is_caught
from workflows.models import Activation, Run
from workflows.models.run import HeldReason
from workflows.queue import ring_on_commit
from workflows.states import RunStatus

logger = logging.getLogger(__name__)


def start_runs(event: Event) -> list[Run]:
    """Start one run for each workflow whose version of that moment matches the event.

    A workflow whose conditions can not be evaluated gets a failed run that says so, and does not
    keep the others from starting.
    """
    if event.source != Source.STRIPE:
        return []
    cause = cause_of(event)
    activations = latest_per_workflow(Activation.objects.at(event.type, event.created))
    plans = _plans([activation.version_id for activation in activations])
    runs = []
    for activation in activations:
        if is_caught(cause, activation.workflow_id):
            logger.warning(
                "workflows.matching.circle", extra={"workflow": activation.workflow_id, "event": event.pk}
            )
            continue
        run = _run(activation, event, plans.get(activation.version_id), cause)
        if run is not None:
            runs.append(run)
    return runs


def _plans(version_ids: list[int]) -> dict[int, Plan]:
    """The plans in one query; none if one of them can not be made, so that each is tried by itself."""
    try:
        return plans_of(version_ids)
    except Error:
        raise
    except Exception:
        logger.exception("workflows.matching.plans_failed", extra={"versions": version_ids})
        return {}


def latest_per_workflow(activations: Iterable[Activation]) -> list[Activation]:
    """Of two activations within one second of Stripe's clock, the later one counts."""
    latest: dict[int, Activation] = {}
    for activation in activations:
        latest[activation.workflow_id] = activation
    return list(latest.values())


def evaluate_trigger(plan: Plan, event: Event) -> conditions.Evaluation | None:
    """What the trigger conditions say of the event; None if there are none, and every event matches."""
    if plan.conditions is None:
        return None
    scope = {"trigger": event.object, "event": event.payload, "steps": {}}
    return conditions.evaluate(
        plan.conditions, scope, now=timezone.now(), previous_attributes=event.previous_attributes
    )


def _run(activation: Activation, event: Event, plan: Plan | None, cause: Cause | None) -> Run | None:
    run = Run(
        workflow_id=activation.workflow_id,
        version_id=activation.version_id,
        event=event,
        object_id=event.object_id,
        depth=cause.depth + 1 if cause else 0,
    )
    try:
        evaluation = evaluate_trigger(plan or plan_of(activation.version_id), event)
        if evaluation is not None:
            if evaluation.truth is not conditions.Truth.MET:
                return None
            run.explanation = sanitize(evaluation.to_json())
    except Error:  # the database's: nothing more can be done in this transaction
        raise
    except Exception as error:  # noqa: BLE001 - a defect in one workflow must not keep the others from starting
        logger.exception(
            "workflows.matching.failed", extra={"version": activation.version_id, "event": event.pk}
        )
        _fail(run, error)
    else:
        _hold_or_queue(run, paused=activation.paused)
    with transaction.atomic():
        run.save(force_insert=True)
    if run.status == RunStatus.QUEUED:
        ring_on_commit(run.pk)
    elif run.status == RunStatus.HELD:
        transaction.on_commit(lambda: release_if_over(run.pk), robust=True)
    return run


def _fail(run: Run, error: Exception) -> None:
    run.status = RunStatus.FAILED
    run.finished_at = timezone.now()
    message = f"The trigger conditions could not be evaluated: {type(error).__name__}."
    run.error = {"code": "conditions_crashed", "message": message}


def _hold_or_queue(run: Run, *, paused: bool) -> None:
    run.held_reason = HeldReason.PAUSED if paused else flood(run)
    if run.held_reason:
        run.status = RunStatus.HELD
    else:
        run.rung_at = timezone.now()
