"""A run that waits for the end of a run that it started: each side commits its own row, then looks.

The run that waits leaves its step as waiting, under the key that the event of the other run carries, and then
looks whether that one has ended meanwhile. The other one ends, and then looks who waits. If both die in
between, the first one is due again after some minutes, and looks by itself.
"""

from django.db.models import QuerySet
from django.utils import timezone

from stripeflow.workflows.definition.on_demand.trigger import SOURCE
from stripeflow.workflows.limits.loops import OWN_KEYS
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.queue import notify_on_commit
from stripeflow.workflows.states import RunStatus, StepStatus


def wake_parent(run: Run) -> None:
    """Have the run go on that waits for the end of this one, if one does."""
    event = run.event
    if event.source == SOURCE and event.request_idempotency_key.startswith(OWN_KEYS):
        _wake(event.request_idempotency_key)


def wake_if_ended(key: str) -> None:
    """Have the run go on whose step has this key, if the run that it started has ended."""
    if started_by([key]).filter(status__in=[one for one in RunStatus if one.is_final]).exists():
        _wake(key)


def started_by(keys: list[str]) -> QuerySet[Run]:
    """The runs that steps with these keys have started."""
    return Run.objects.filter(event__source=SOURCE, event__request_idempotency_key__in=keys)


def key_that_goes_on(before: StepRun | None) -> str:
    """The key of an earlier try, if the run that it started is to be gone on with; "" where another starts.

    One that has not failed goes on: a person has retried it since. One that failed after a call of its own
    does too: another would send that call again, a refund above all.
    """
    if before is None or not before.idempotency_key:
        return ""
    ended = [RunStatus.FAILED, RunStatus.CANCELED]
    first = started_by([before.idempotency_key]).filter(rerun_of=None)
    goes_on = first.exclude(status__in=ended).exists() or _has_called(first)
    return before.idempotency_key if goes_on else ""


def _has_called(runs: QuerySet[Run]) -> bool:
    """Whether a step of the runs has called something outside, or may have."""
    # A step whose call surely did not act has failed; one that never came to it was skipped.
    did_not = [StepStatus.FAILED, StepStatus.SKIPPED]
    calls = StepRun.objects.filter(run__in=runs).exclude(status__in=did_not)
    # A run that such a run has started has an own history.
    return calls.exclude(action="", idempotency_key="").exists()


def awaited_by(run: Run) -> list[str]:
    """The keys of the steps at which a run waits for runs that it has started."""
    # A step with an action that waits has a key as well: of a call that may have acted.
    waiting = StepRun.objects.filter(run=run, status=StepStatus.WAITING, due_at=None, action="")
    return list(waiting.exclude(idempotency_key="").values_list("idempotency_key", flat=True))


def _wake(key: str) -> None:
    now = timezone.now()
    waiting = StepRun.objects.filter(idempotency_key=key, status=StepStatus.WAITING, due_at=None)
    for run_id in waiting.values_list("run_id", flat=True):
        if Run.objects.filter(pk=run_id, status=RunStatus.WAITING).update(due_at=now, rung_at=now):
            notify_on_commit(run_id)
