"""What a person may do to a run: cancel, retry, release, resolve, choose its branch, run again.

Each is one guarded change, recorded with who did it; admin, API and command line call these.
"""

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows import conditions, permissions
from stripeflow.workflows.approvals import asking
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition import kinds as kinds_of_steps
from stripeflow.workflows.definition.plan import steps_of
from stripeflow.workflows.definition.retry import KEY_IS_SAFE_FOR
from stripeflow.workflows.engine import children
from stripeflow.workflows.engine.transitions import cancel as cancel_run
from stripeflow.workflows.limits import spending
from stripeflow.workflows.maintenance import retention
from stripeflow.workflows.matching.starting import evaluate_trigger
from stripeflow.workflows.models import Run, RunOperation, StepRun, WorkflowVersion
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations.refusals import (
    UnknownBranch,
    awaits_people,
    not_possible,
    not_waiting,
    nothing_to_choose,
    outdated,
    waits_elsewhere,
)
from stripeflow.workflows.operations.waiting import waiting_step
from stripeflow.workflows.queue import notify_on_commit
from stripeflow.workflows.states import RunStatus, StepStatus
from stripeflow.workflows.versions.plans import plan_of

# What each operation is called in the audit log.
_KINDS = {
    OperationKind.CANCEL: kinds.RUN_CANCELED,
    OperationKind.RETRY: kinds.RUN_RETRIED,
    OperationKind.RELEASE: kinds.RUN_RELEASED,
    OperationKind.HAPPENED: kinds.STEP_HAPPENED,
    OperationKind.DID_NOT_HAPPEN: kinds.STEP_DID_NOT_HAPPEN,
    OperationKind.AGAIN: kinds.STEP_AGAIN,
    OperationKind.CHOOSE: kinds.BRANCH_CHOSEN,
    OperationKind.WAKE: kinds.RUN_WOKEN,
    OperationKind.RERUN: kinds.RUN_STARTED_AGAIN,
}


def cancel(run: Run, act: Act) -> None:
    """End a run that is not finished. Raises `NotPossible`."""
    with transaction.atomic():
        if not cancel_run(run.pk, now=timezone.now()):
            raise not_possible(run)
        # Nobody waits there any more.
        run.awaited.all().delete()
        run.steps.at_waits().update(status=StepStatus.SKIPPED, finished_at=timezone.now())
        asking.end_with_run(run, timezone.now())
        _cancel_awaited(run, act)
        # Not before: who cancels that other run has its row, and waits for this one.
        transaction.on_commit(lambda: children.wake_parent(run), robust=True)
        _record(run, OperationKind.CANCEL, act)


def _cancel_awaited(run: Run, act: Act) -> None:
    """Cancel the runs for whose end the run waits. One that it does not wait for goes its own way."""
    keys = children.awaited_by(run)
    if not keys:
        return
    now = timezone.now()
    run.steps.filter(idempotency_key__in=keys).update(status=StepStatus.SKIPPED, finished_at=now)
    for child in children.started_by(keys).select_related("event"):
        with suppress(NotPossible):  # it has ended meanwhile
            cancel(child, act)


def release(run: Run, act: Act) -> None:
    """Let a held run go on. Raises `NotPossible`."""
    with transaction.atomic():
        _queue(run, RunStatus.HELD, also={"released_at": timezone.now()})
        _record(run, OperationKind.RELEASE, act)


def wake(run: Run, act: Act) -> None:
    """End the wait of a run now, so that it goes on as if its time were over.

    Raises `NotPossible`; as its subclass `Outdated` if the run began this wait after the person saw it.
    """
    step, now = waiting_step(run, run.steps.filter(status=StepStatus.WAITING)), timezone.now()
    # One that is due goes on by itself; a second click changes nothing.
    if step is None or step.due_at is None or step.due_at <= now:
        raise not_waiting(run)
    if not kinds_of_steps.named(step.kind).may_wake:
        raise awaits_people(run)
    if act.seen_at is not None and step.started_at > act.seen_at:
        raise waits_elsewhere(run, step.step_key)
    seen = {"status": RunStatus.WAITING, "due_at": step.due_at}
    with transaction.atomic():
        if not Run.objects.filter(pk=run.pk, **seen).update(due_at=now, rung_at=now):
            raise not_waiting(run)
        # Only a worker that has claimed the run changes the step.
        run.steps.filter(pk=step.pk, **seen).update(due_at=now)
        _record(run, OperationKind.WAKE, act, step=step.path, until=step.due_at.isoformat())
        notify_on_commit(run.pk)


def retry(run: Run, act: Act) -> None:
    """Go on with a failed run from the step that failed, in that step's next group.

    A run whose trigger conditions could not be evaluated is judged again first. Raises `NotPossible`.
    """
    failed = (run.error or {}).get("step", "")
    with transaction.atomic():
        if not failed:
            _judge_again(run, act)
        _queue(run, RunStatus.FAILED)
        if failed:
            # A run names the step that failed. Of its items, only the last one can have stopped the run.
            _supersede(run, StepStatus.FAILED, step_key=failed)
            plan = plan_of(run.version_id)
            if (planned := plan.step(failed)) is not None:
                kinds_of_steps.of(planned.head).retried(run, planned, failed)
            on_failure = plan.on_failure
            if on_failure is not None and failed not in {one.key for one in steps_of((on_failure,))}:
                # A new failure runs these steps again. If the run broke off among them, they go on.
                _supersede(run, StepStatus.SUCCEEDED, step_key=on_failure.key)
        _record(run, OperationKind.RETRY, act, step=failed)


def confirm(run: Run, act: Act, *, revision: int, outputs: dict[str, Any] | None = None) -> None:
    """Resolve an unknown outcome as "it happened, go on", with the outputs of the step.

    `revision` is that of the run as the person has seen it, here and below. Raises `NotPossible`; its
    subclass `Outdated` if there is another unknown outcome by now.
    """
    columns = {"outputs": sanitize(outputs or {}), "error": None}
    _resolve(run, StepStatus.SUCCEEDED, OperationKind.HAPPENED, act, revision=revision, **columns)


def deny(run: Run, act: Act, *, revision: int) -> None:
    """Resolve an unknown outcome as "it did not happen": the step has failed. Raises as `confirm` does."""
    step = _unknown_step(run)
    with transaction.atomic():
        kind, handled = OperationKind.DID_NOT_HAPPEN, _handles_failure(run, step)
        _resolve(run, StepStatus.FAILED, kind, act, revision=revision, handled=handled)
        spending.give_back(step.idempotency_key)


def do_again(run: Run, act: Act, *, revision: int) -> None:
    """Resolve an unknown outcome as "do it again".

    While Stripe still knows the key, the same call is sent with the same key, so that it cannot
    happen twice; else the step starts again in its next group. Raises as `confirm` does.
    """
    step = _unknown_step(run)
    if same_call_is_safe(step):
        _resolve(run, StepStatus.WAITING, OperationKind.AGAIN, act, revision=revision, finished_at=None)
        return
    with transaction.atomic():
        _queue_unknown(run, revision)
        _supersede(run, StepStatus.OUTCOME_UNKNOWN, path=step.path)
        _record(run, OperationKind.AGAIN, act, step=step.path)


def same_call_is_safe(step: StepRun) -> bool:
    """Whether Stripe still knows the step's key, so that repeating the call cannot act twice.

    False after a look-up: then the same call would get the same answer, which tells nothing.
    """
    action = registry.find_for(step.action, step.inputs or {})
    keyed = action is not None and action.repeat is Repeat.KEYED
    return keyed and not step.look_up and timezone.now() - step.started_at < KEY_IS_SAFE_FOR


def choose(run: Run, branch: str, act: Act, *, revision: int) -> None:
    """Have an undecided run go on down the branch of this key. Raises as `confirm`, and `UnknownBranch`."""
    step = undecided_step(run)
    if step is None:
        raise nothing_to_choose(run)
    _check_branch(run, step, branch)
    with transaction.atomic():
        _queue_undecided(run, revision)
        landed = StepRun.objects.filter(pk=step.pk, status=StepStatus.WAITING).update(
            status=StepStatus.SUCCEEDED, branch_key=branch, finished_at=timezone.now()
        )
        if not landed:
            raise nothing_to_choose(run)
        _record(run, OperationKind.CHOOSE, act, step=step.path, branch=branch)


def undecided_step(run: Run) -> StepRun | None:
    """The branch step of which a person has to choose the branch, or None."""
    if run.status != RunStatus.HELD or run.held_reason != HeldReason.UNDECIDED:
        return None
    return run.steps.filter(kind__in=kinds_of_steps.asking(), status=StepStatus.WAITING).last()


def rerun(run: Run, act: Act, *, newest: bool = False) -> Run:
    """Start the workflow again for the run's event, from the first step; returns the new run.

    On the run's own version, or on the newest active one. Raises `NotPossible` while the run is not
    finished, if somebody has started it again since it was seen, if no version is active, or if the
    event was emptied.
    """
    version = _newest(run) if newest else run.version
    with transaction.atomic():
        current = Run.objects.select_for_update().get(pk=run.pk)
        if not current.state.is_final:
            raise not_possible(current)
        _check_unseen(run, act)
        try:
            retention.keep_event(run.event_id)
        except retention.Emptied as error:
            raise NotPossible(str(error)) from error
        new = Run.of(
            run.event,
            workflow_id=run.workflow_id,
            version=version,
            rerun_of=run,
            explanation=run.explanation if version == run.version else None,
            rung_at=timezone.now(),
        )
        new.save(force_insert=True)
        _record(run, OperationKind.RERUN, act)
        notify_on_commit(new.pk)
    return new


def get(run_id: UUID | str) -> Run:
    """The run with what the operations need. Raises `Run.DoesNotExist`."""
    return Run.objects.select_related("event", "workflow", "version").get(pk=run_id)


def _resolve(
    run: Run, status: StepStatus, kind: OperationKind, act: Act, *, revision: int, **columns: Any
) -> None:
    step = _unknown_step(run)
    with transaction.atomic():
        _queue_unknown(run, revision)
        landed = StepRun.objects.filter(
            pk=step.pk, status=StepStatus.OUTCOME_UNKNOWN, superseded_at=None
        ).update(status=status, **columns)
        if not landed:
            raise not_possible(run)
        _record(run, kind, act, step=step.path)


def _unknown_step(run: Run) -> StepRun:
    found = run.steps.filter(status=StepStatus.OUTCOME_UNKNOWN, superseded_at=None).last()
    if found is None:
        raise not_possible(run)
    return found


def _handles_failure(run: Run, step: StepRun) -> bool:
    planned = plan_of(run.version_id).step(step.step_key)
    return planned is not None and planned.handles_failure


def _queue_unknown(run: Run, revision: int) -> None:
    """Queue a run if its unknown outcome is still the one that the person saw."""
    try:
        _queue(run, RunStatus.OUTCOME_UNKNOWN, claims=revision)
    except NotPossible as error:
        # The run was read again for its sentence.
        if run.state is RunStatus.OUTCOME_UNKNOWN and run.pruned_at is None:
            raise outdated(run, seen=revision) from error
        raise


def _queue_undecided(run: Run, revision: int) -> None:
    """Queue a run if it still waits for the choice that the person saw."""
    try:
        _queue(run, RunStatus.HELD, held_reason=HeldReason.UNDECIDED, claims=revision)
    except NotPossible as error:
        run.refresh_from_db(fields=["held_reason"])
        raise (outdated(run, seen=revision) if undecided_step(run) else nothing_to_choose(run)) from error


def _check_branch(run: Run, step: StepRun, branch: str) -> None:
    planned = plan_of(run.version_id).step(step.step_key)
    known = [lane.key for lane in planned.lanes] if planned else []
    if branch not in known:
        raise UnknownBranch(
            _("The step has no branch with the key “%(key)s”. Choose one of these: %(known)s.")
            % {"key": branch, "known": ", ".join(known)}
        )


def _queue(run: Run, status: RunStatus, *, also: dict[str, Any] | None = None, **seen: Any) -> None:
    """The guarded change back to queued, with what else is written, and its message."""
    landed = Run.objects.filter(pk=run.pk, status=status, pruned_at=None, **seen).update(
        status=RunStatus.QUEUED,
        error=None,
        held_reason="",
        finished_at=None,
        due_at=None,
        rung_at=timezone.now(),
        queued_at=timezone.now(),
        **(also or {}),
    )
    if not landed:
        raise not_possible(run)
    notify_on_commit(run.pk)


def _supersede(run: Run, status: StepStatus, **which: str) -> None:
    StepRun.objects.filter(run=run, status=status, superseded_at=None, **which).update(
        superseded_at=timezone.now()
    )


def _judge_again(run: Run, act: Act) -> None:
    """Evaluate the trigger conditions again. Raises `NotPossible` if they are still not met."""
    evaluation = evaluate_trigger(plan_of(run.version_id), run.event)
    if evaluation is None:
        return
    if evaluation.truth is not conditions.Truth.MET:
        message = _("The trigger conditions are not met, so the run has nothing to do. %s")
        # The reason holds values that the conditions saw.
        is_open = act.user is None or permissions.may_see_payloads(act.user)
        raise NotPossible((message % (evaluation.reason if is_open else "")).strip())
    Run.objects.filter(pk=run.pk).update(explanation=sanitize(evaluation.to_json()))


def _newest(run: Run) -> WorkflowVersion:
    run.workflow.refresh_from_db(fields=["active_version"])
    version = run.workflow.active_version
    if version is None:
        raise NotPossible(
            _("The workflow “%s” has no active version. Activate it first.") % run.workflow.name
        )
    return version


def _check_unseen(run: Run, act: Act) -> None:
    newer = run.reruns.filter(created_at__gt=act.seen_at).first() if act.seen_at else None
    if newer is not None:
        raise NotPossible(
            _("The run %(run)s was started again in the meantime, as %(new)s. Nothing was done twice.")
            % {"run": run.pk, "new": newer.pk}
        )


def _record(
    run: Run, kind: OperationKind, act: Act, *, step: str = "", branch: str = "", until: str = ""
) -> None:
    """In the run's own history, and in the audit log; `until` is when a wait would have ended."""
    who = {"user": act.user, "via": act.origin.via, "note": act.note[:500]}
    RunOperation.objects.create(run=run, kind=kind, step=step, branch=branch, **who)
    after = {name: fact for name, fact in (("step", step), ("branch", branch), ("until", until)) if fact}
    record(_KINDS[kind], act, run, after=after)
