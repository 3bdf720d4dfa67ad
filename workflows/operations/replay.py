"""Replays stored events, older or chosen ones, on a version that a person names.

Matching starts only versions that were active when an event was created. A replay starts what a person asks
for, after a preview that says for each event whether it would start a run, and if not, why.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db import Error, IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.triggers.json_safety import sanitize
from stripeflow.triggers.models import Event
from stripeflow.workflows import conditions
from stripeflow.workflows.access.asking_again import ask_again
from stripeflow.workflows.access.setting_off import Operation, check, may
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition.plan import Plan
from stripeflow.workflows.limits.holding import release_over
from stripeflow.workflows.limits.loops import Cause, cause_of, causes_of, flood, is_caught, is_ignored
from stripeflow.workflows.maintenance.retention import Emptied, keep_event
from stripeflow.workflows.matching.candidates import candidates
from stripeflow.workflows.matching.starting import evaluate_trigger
from stripeflow.workflows.models import Run, RunOperation, Workflow, WorkflowVersion
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations.replay_outcomes import Judged, Outcome, Replayed
from stripeflow.workflows.queue import notify_on_commit
from stripeflow.workflows.states import RunStatus, WorkflowStatus
from stripeflow.workflows.versions.plans import plan_of

logger = logging.getLogger(__name__)

# Events of one replay; below what pauses a workflow that starts too many runs a minute.
MAX_EVENTS = 500


@dataclass(frozen=True)
class By:
    """What a person did that starts runs for events: as a right, in the run's history, and in the log."""

    operation: Operation
    kind: OperationKind
    entry: kinds.Kind


REPLAYING = By(Operation.REPLAY, OperationKind.REPLAY, kinds.RUN_REPLAYED)


class NotReplayable(Exception):
    """The workflow or its version cannot be replayed on. The message is a sentence for people."""


def may_replay(user: Any, version: WorkflowVersion) -> bool:
    """Whether `user` may start runs of the version, given what its steps do: see `setting_off`."""
    return may(user, Operation.REPLAY, [version.document])


def version_of(workflow: Workflow, number: int | None = None) -> WorkflowVersion:
    """The active version, or the one with that number. Raises `NotReplayable`."""
    if workflow.status == WorkflowStatus.ARCHIVED:
        raise NotReplayable(_("The workflow “%s” is archived. Restore it first.") % workflow.name)
    if number is None:
        version = workflow.active_version
    else:
        version = workflow.versions.filter(number=number).first()
    if version is None:
        raise NotReplayable(
            _("The workflow “%s” has no such version; name one of those that it has.") % workflow.name
        )
    return version


def select(
    version: WorkflowVersion,
    *,
    since: datetime | None = None,
    until: datetime | None = None,
    external_ids: Iterable[str] = (),
    limit: int = MAX_EVENTS,
) -> list[Event]:
    """The stored events that the version takes, or the named ones, oldest first; at most `limit`."""
    if ids := list(external_ids):
        events = Event.objects.called(*ids)
    else:
        events = candidates(plan_of(version.pk), version.workflow_id)
    if since is not None:
        events = events.filter(created__gte=since)
    if until is not None:
        events = events.filter(created__lt=until)
    return list(events.order_by("created", "pk")[: min(limit, MAX_EVENTS)])


def preview(
    events: Sequence[Event], version: WorkflowVersion, *, again: bool = False, seen_at: datetime | None = None
) -> list[Judged]:
    """What a replay of these events would do. Starts nothing; a constant number of queries.

    With `again`, an event whose run is finished would start another one, as its rerun; not one whose run
    was started after `seen_at`. Raises `NotReplayable` for more than `MAX_EVENTS`.
    """
    if len(events) > MAX_EVENTS:
        raise NotReplayable(_("At most %d events can be replayed at once.") % MAX_EVENTS)
    plan, runs = plan_of(version.pk), _runs_of(events, version)
    causes = causes_of(events)
    terms = _Terms(version, plan, again, seen_at)
    return [_judge(event, terms, runs.get(event.pk, []), causes.get(event.pk)) for event in events]


def execute(
    events: Sequence[Event], version: WorkflowVersion, *, act: Act = NOBODY, again: bool = False
) -> Replayed:
    """Start what `preview` says would start, judged again under lock, each run in its own transaction.

    May be repeated: what was started is skipped the next time; with `again`, what was started since
    `act.seen_at`. Raises `NotReplayable`, and `PermissionDenied` if the person may not, or no longer may.
    """
    check(act.user, Operation.REPLAY, [version.document])
    if len(events) > MAX_EVENTS:
        raise NotReplayable(_("At most %d events can be replayed at once.") % MAX_EVENTS)
    started: list[Run] = []
    left: list[Judged] = []
    for event in events:
        done = start_one(event, version, act, again=again)
        if isinstance(done, Run):
            started.append(done)
        else:
            left.append(done)
    logger.info(
        "workflows.replay.done",
        extra={"version": version.pk, "started": len(started), "left": len(left), "again": again},
    )
    return Replayed(tuple(started), tuple(left))


def start_one(
    event: Event, version: WorkflowVersion, act: Act, *, again: bool, by: By = REPLAYING
) -> Run | Judged:
    """Start the run of one event, judged under lock in a transaction; or say why there is none."""
    try:
        with transaction.atomic():
            kept = keep_event(event.pk)
            (judged,) = preview([kept], version, again=again, seen_at=act.seen_at)
            if judged.outcome is not Outcome.WOULD_START:
                return judged
            run = _new_run(judged, version)
            run.save(force_insert=True)
            noted_on = judged.run or run
            kind = OperationKind.RERUN if judged.run else by.kind
            who = {"user": act.user, "via": act.origin.via, "note": act.note[:500]}
            RunOperation.objects.create(run=noted_on, kind=kind, **who)
            record(by.entry, act, run, after={"event": kept.external_id, "version": version.number})
            ask_again(act.user, by.operation, [version.document])
            if run.status == RunStatus.QUEUED:
                notify_on_commit(run.pk)
            else:
                transaction.on_commit(lambda: release_over(Run.objects.filter(pk=run.pk)), robust=True)
            return run
    except Emptied:
        return Judged(event, Outcome.EMPTIED)
    except IntegrityError:  # the event was matched in this moment
        return Judged(event, Outcome.HAS_RUN)


def _new_run(judged: Judged, version: WorkflowVersion) -> Run:
    event, cause = judged.event, cause_of(judged.event)
    run = Run.of(
        event,
        workflow_id=version.workflow_id,
        version=version,
        rerun_of=judged.run,
        depth=cause.depth + 1 if cause else 0,
        explanation=sanitize(judged.evaluation.to_json()) if judged.evaluation else None,
    )
    paused = Workflow.objects.filter(pk=version.workflow_id, paused_at__isnull=False).exists()
    run.held_reason = HeldReason.PAUSED if paused else flood(run)
    if run.held_reason:
        run.status = RunStatus.HELD
    else:
        run.rung_at = timezone.now()
    return run


@dataclass(frozen=True)
class _Terms:
    """The context of one replay, the same for all of its events."""

    version: WorkflowVersion
    plan: Plan
    again: bool
    seen_at: datetime | None

    def has_run(self, runs: list[Run]) -> bool:
        """Whether these runs rule out another one; with `again`, only those that the person has not seen."""
        if not self.again:
            return bool(runs)
        return self.seen_at is not None and any(run.created_at > self.seen_at for run in runs)


def _judge(event: Event, terms: _Terms, runs: list[Run], cause: Cause | None) -> Judged:
    # Of several runs only the first is no rerun; the others point to it, or to each other.
    judged = Judged(event, Outcome.WOULD_START, run=runs[0] if runs else None)
    if not terms.plan.trigger.starts_on(event, terms.version.workflow_id):
        return replace(judged, outcome=Outcome.OTHER_TYPE)
    if refusal := terms.plan.scope.refusal(livemode=event.livemode, account=event.account):
        return replace(judged, outcome=Outcome.OUT_OF_SCOPE, refusal=refusal)
    if any(not run.state.is_final for run in runs):
        return replace(judged, outcome=Outcome.NOT_FINISHED)
    if terms.has_run(runs):
        return replace(judged, outcome=Outcome.HAS_RUN)
    if event.pruned_at is not None:
        return replace(judged, outcome=Outcome.EMPTIED)
    if not event.is_whole:
        return replace(judged, outcome=Outcome.NOT_FETCHED)
    if is_caught(cause, terms.version.workflow_id):
        return replace(judged, outcome=Outcome.OWN_CALL)
    if is_ignored(cause, terms.plan):
        return replace(judged, outcome=Outcome.CAUSED_BY_WORKFLOW)
    return _evaluated(judged, terms.plan)


def _evaluated(judged: Judged, plan: Plan) -> Judged:
    try:
        evaluation = evaluate_trigger(plan, judged.event)
    except Error:
        raise
    except Exception:  # noqa: BLE001 - one event that breaks the evaluation must not hide the others
        logger.exception("workflows.replay.not_evaluated", extra={"event": judged.event.pk})
        return replace(judged, outcome=Outcome.BROKE)
    outcomes = {
        conditions.Truth.MET: Outcome.WOULD_START,
        conditions.Truth.NOT_MET: Outcome.NOT_MET,
        conditions.Truth.UNKNOWN: Outcome.UNKNOWN,
    }
    outcome = Outcome.WOULD_START if evaluation is None else outcomes[evaluation.truth]
    return replace(judged, outcome=outcome, evaluation=evaluation)


def _runs_of(events: Sequence[Event], version: WorkflowVersion) -> dict[int, list[Run]]:
    """The runs of the version's workflow by event, the one that is no rerun first."""
    found: dict[int, list[Run]] = {}
    rows = Run.objects.filter(workflow_id=version.workflow_id, event__in=[event.pk for event in events])
    for run in sorted(rows, key=lambda run: (run.rerun_of_id is not None, run.created_at)):
        found.setdefault(run.event_id, []).append(run)
    return found
