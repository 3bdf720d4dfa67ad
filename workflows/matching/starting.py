"""From an accepted event to runs. Called by the inbox inside the transaction that stores the event."""

import logging
from collections.abc import Iterable, Iterator, Sequence
from itertools import starmap
from typing import NamedTuple, TypeVar

from django.db import Error, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.inbox import Decided
from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Event
from stripeflow.triggers.sql import Slot, Statement, insert
from stripeflow.workflows import conditions
from stripeflow.workflows.alerts import runs as run_alerts
from stripeflow.workflows.awaiting import telling
from stripeflow.workflows.conditions.operators.quick import surely_not_met
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.definition.scope import side_of
from stripeflow.workflows.destinations import outbox
from stripeflow.workflows.engine import ending
from stripeflow.workflows.engine.run_ids import run_id_for
from stripeflow.workflows.limits.deauthorized import note, tells_of_access
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.limits.loops import (
    Cause,
    cause_of,
    flood,
    is_caught,
    is_ignored,
    limits_passed,
    limits_passed_together,
)
from stripeflow.workflows.models import Activation, Run
from stripeflow.workflows.models.failures import failure
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.version import padded
from stripeflow.workflows.queue import notify_all_on_commit, notify_on_commit
from stripeflow.workflows.references import Scope
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.versions.plans import plan_of, plans_of

logger = logging.getLogger(__name__)


class Active(NamedTuple):
    """What matching needs of an activation; there may be a thousand of them."""

    workflow_id: int
    version_id: int
    paused: bool
    run_seed: str


AnyActivation = TypeVar("AnyActivation", Activation, Active)

_active = Statement(
    lambda: (
        Activation.objects.at(Slot(Activation, "source"), Slot(Activation, "topic"), Slot(Event, "created"))
        .taking(
            Slot(Event, "livemode"), Slot(Activation, "accounts", "side"), Slot(Event, "account", "padded")
        )
        .values_list(*Active._fields)
    )
)


class Match(NamedTuple):
    """A run that an event starts, not stored yet. `paused`: its workflow is."""

    run: Run
    paused: bool


def start_runs(event: Event) -> list[Run]:
    """Start one run for each workflow whose version of that moment matches the event.

    A workflow whose conditions cannot be evaluated gets a failed run that says so, and does not
    keep the others from starting.
    """
    if tells_of_access(event):
        note(event)
    telling.mark([event])
    if event.wakes_pending:
        Event.objects.filter(pk=event.pk).update(wakes_pending=True)
    runs = []
    for run, paused in _matches(event, _activations(event)):
        # No savepoint: an insert that fails rolls the whole matching back, and the sweep repeats it.
        if run.status != RunStatus.QUEUED:
            insert(run)
            if ending.is_listened_to():
                ending.tell(run.pk)
            if outbox.is_wanted():
                outbox.run_left(run.pk, run.state)
        elif paused or not _queue(run):
            _hold_or_queue(run, paused=paused)
            insert(run)
        _notify(run)
        runs.append(run)
    return runs


def decide(events: Sequence[Event]) -> Decided:
    """The runs that `start_runs` would start, without writing anything; the events need not be stored.

    None for an event whose runs would not simply be queued: `start_runs` does more than insert rows then.
    """
    telling.mark(events)
    active: dict[tuple[object, ...], list[Active]] = {}
    starting = Starting()
    rows = [starting.added(_runs(event, active)) for event in events]
    return Decided(rows, _notify_all, unless=limits_passed_together(starting.runs))


class Starting:
    """Runs that start at the same moment. The limits count those of one object, so of each there is one."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self._objects: set[tuple[object, ...]] = set()

    def added(self, runs: list[Run] | None) -> list[Run] | None:
        """Add the runs of an event; None if the event has to wait for another one of the same object."""
        if runs is None:
            return None
        objects = {(run.workflow_id, *AccountMode.of(run), run.object_id) for run in runs if run.object_id}
        if objects & self._objects:
            return None
        self._objects |= objects
        self.runs += runs
        return runs


def _notify_all(runs: Sequence[Run]) -> None:
    if runs:
        notify_all_on_commit([run.pk for run in runs])


def _runs(event: Event, active: dict[tuple[object, ...], list[Active]]) -> list[Run] | None:
    """The runs of one event, None unless all are to be queued. `active` keeps what events of a kind share."""
    if tells_of_access(event):
        return None
    key = (event.source, event.type, event.created, event.livemode, event.account)
    if key not in active:
        active[key] = _activations(event)
    runs = []
    for run, paused in _matches(event, active[key]):
        if paused or run.status != RunStatus.QUEUED:
            return None
        run.rung_at = timezone.now()
        runs.append(run)
    return runs


def _activations(event: Event) -> list[Active]:
    """Of each workflow the activation that listens to the event, if one does."""
    active = _active.rows(
        source=event.source,
        topic=event.type,
        created=event.created,
        livemode=event.livemode,
        side=side_of(event.account),
        padded=padded([event.account]),
    )
    return latest_per_workflow(starmap(Active, active))


def _matches(event: Event, activations: list[Active]) -> Iterator[Match]:
    cause = cause_of(event)
    plans = _plans([activation.version_id for activation in activations])
    scope = Scope.of_event(event)
    for activation in activations:
        plan = plans.get(activation.version_id)
        if plan is not None and plan.conditions and surely_not_met(plan.conditions.needs, scope):
            continue
        if is_caught(cause, activation.workflow_id):
            logger.warning(
                "workflows.matching.circle", extra={"workflow": activation.workflow_id, "event": event.pk}
            )
            continue
        # A plan that cannot be built starts a failed run, which acts only if a person retries it.
        if plan is not None and is_ignored(cause, plan):
            continue
        run = _run(activation, event, plan, cause)
        if run is not None:
            yield Match(run, activation.paused)


def _plans(version_ids: list[int]) -> dict[int, Plan]:
    """The plans in one query; none if one of them fails, so that each is planned by itself."""
    try:
        return plans_of(version_ids)
    except Error:
        raise
    except Exception:
        logger.exception("workflows.matching.plans_failed", extra={"versions": version_ids})
        return {}


def latest_per_workflow(activations: Iterable[AnyActivation]) -> list[AnyActivation]:
    """Of two activations within one second of Stripe's clock, the later one counts."""
    latest: dict[int, AnyActivation] = {}
    for activation in activations:
        latest[activation.workflow_id] = activation
    return list(latest.values())


def evaluate_trigger(plan: Plan, event: Event) -> conditions.Evaluation | None:
    """What the trigger conditions say of the event; None if there are none, and every event matches."""
    if plan.conditions is None:
        return None
    return conditions.evaluate(
        plan.conditions,
        Scope.of_event(event),
        now=timezone.now(),
        previous_attributes=event.previous_attributes,
    )


def _run(activation: Active, event: Event, plan: Plan | None, cause: Cause | None) -> Run | None:
    run = Run.of(
        event,
        id=run_id_for(activation.run_seed, event),
        workflow_id=activation.workflow_id,
        version_id=activation.version_id,
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
    return run


def _notify(run: Run) -> None:
    if run.status == RunStatus.QUEUED:
        notify_on_commit(run.pk)
    elif run.status == RunStatus.FAILED:
        transaction.on_commit(lambda: run_alerts.enqueue_run_ended(run.pk), robust=True)
    elif run.status == RunStatus.HELD:
        transaction.on_commit(lambda: release_over(Run.objects.filter(pk=run.pk)), robust=True)


def _fail(run: Run, error: Exception) -> None:
    run.status = RunStatus.FAILED
    run.finished_at = timezone.now()
    message = _("The trigger conditions could not be evaluated: %s.") % type(error).__name__
    run.error = failure("conditions_crashed", worded(message))


def _queue(run: Run) -> bool:
    """Insert the run as one to execute, unless it would pass a limit; whether it was inserted."""
    run.rung_at = timezone.now()
    return insert(run, unless=[limits_passed(run)])


def _hold_or_queue(run: Run, *, paused: bool) -> None:
    run.held_reason = HeldReason.PAUSED if paused else flood(run)
    if run.held_reason:
        run.status, run.rung_at = RunStatus.HELD, None
    else:
        run.rung_at = timezone.now()
