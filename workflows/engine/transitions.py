"""Every change of a run's or a step run's state: one guarded UPDATE that says whether it landed.

It does not land if the run is no longer in the expected state, or if another worker has claimed it
since (the token differs). Then the caller stops; it never acts on what it read before.
"""

from collections.abc import Callable, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID, uuid4

from django.contrib.postgres.functions import RandomUUID
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from stripeflow.triggers.sql import (
    ALONE,
    Bound,
    Change,
    SharedCommit,
    Slot,
    Statement,
    Unlocked,
    insert,
    insert_if,
    update,
    update_both,
)
from stripeflow.workflows import conf, lending
from stripeflow.workflows.alerts import runs as run_alerts
from stripeflow.workflows.destinations import outbox
from stripeflow.workflows.engine import batches, ending
from stripeflow.workflows.limits.gates import GateClosed, Gates, closed_for, first_closed
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.run import claim_limits
from stripeflow.workflows.run_events import signaling
from stripeflow.workflows.states import RunStatus, State, StepStatus

# Token of a step whose worker survived but failed to save its outcome.
LET_GO = UUID(int=0)

# The part of the lease after which a run's first step renews it: a ninth, which is 5 seconds of 45.
_FRESH_PART = 9


class LostLease(Exception):
    """The run no longer belongs to this worker: it was canceled, or another worker claimed it."""


class ForbiddenTransition(RuntimeError):
    """The engine was about to change a state in a way the table does not allow: a defect of ours."""


@dataclass
class Claim:
    """A worker's right to a run until the lease ends.

    Until `fresh_until`, the first step that is written need not renew the lease; None where it must.
    The transaction that writes the end tells workflows that listen for it (`is_listened_to`); the one that
    leaves the run in any state writes what event destinations are sent (`is_sent`).
    `item`: the key of the row of the one item that it is for; others run beside it, under the same token.
    """

    run_id: UUID
    token: UUID
    fresh_until: datetime | None = None
    is_listened_to: bool = False
    is_sent: bool = False
    item: int | None = None

    def for_item(self, item: int) -> "Claim":
        """The same right, for one item that runs beside others. It does not leave the run."""
        return replace(self, fresh_until=None, item=item)

    def tells(self, status: RunStatus) -> bool:
        """Whether somebody is told if the run is left in this state."""
        is_heard = self.is_listened_to and ending.is_end(status)
        return is_heard or (self.is_sent and outbox.may_be_sent(status))

    def tell(self, status: RunStatus) -> None:
        """Tell of it, in the transaction that leaves the run in this state."""
        if self.is_listened_to and ending.is_end(status):
            ending.tell(self.run_id)
        if self.is_sent:
            outbox.run_left(self.run_id, status)


def claim_run(run_id: UUID, *, now: datetime) -> Claim | None:
    """Claim the run if it is queued, due, or its lease expired; None if another worker has it."""
    token, lease = uuid4(), _lease_end(now)
    if not _CLAIM.run(pk=run_id, token=token, lease=lease, now=now, **claim_limits(now)):
        return None
    return Claim(run_id, token, fresh_until=now + (lease - now) / _FRESH_PART)


def claim_runs(run_ids: Sequence[UUID], *, now: datetime) -> list[Claim]:
    """Claim those of the runs that `claim_run` can, on SQLite by one commit with what other threads write.

    On PostgreSQL by one statement, which leaves out the runs that another process claims at the moment.
    """
    if len(run_ids) > 1 and batches.are_possible():
        return _claimed_by_one_statement(run_ids, now)

    def claimed() -> list[Claim]:
        with transaction.atomic(savepoint=False) if is_one_commit else nullcontext():
            claims = [claim_run(run_id, now=now) for run_id in run_ids]
        return [claim for claim in claims if claim is not None]

    is_one_commit = connection.vendor == "sqlite" and len(run_ids) > 1
    return _written(run_ids[0], claimed) if run_ids else []


def _claimed_by_one_statement(run_ids: Sequence[UUID], now: datetime) -> list[Claim]:
    lease = _lease_end(now)
    rows = _CLAIM_ALL.returned("id", "token", run_ids=run_ids, lease=lease, now=now, **claim_limits(now))
    fresh_until = now + (lease - now) / _FRESH_PART
    return [Claim(run_id, token, fresh_until) for run_id, token in rows]


def leave(claim: Claim, status: RunStatus, *, now: datetime, **columns: Any) -> None:
    """End the claim and put the run into this state. Raises `LostLease`."""
    change = _left(claim, status, now, columns)
    if not claim.tells(status):
        if not _written(claim.run_id, change.make):
            raise LostLease(claim.run_id)
        return
    with transaction.atomic():
        if not change.make():
            raise LostLease(claim.run_id)
        claim.tell(status)


def survive(claim: Claim) -> None:
    """Give the run back without counting this claim as a crash. The step under way counts no interruption."""
    update(Run, where=_claimed_by(claim), values={"idle_claims": 0})
    under_way = {"run": claim.run_id, "token": claim.token, "status": StepStatus.STARTED}
    StepRun.objects.filter(**under_way).update(token=LET_GO)


def start_step(claim: Claim, step: StepRun, *, now: datetime, gates: Gates = ()) -> StepRun:
    """Write the intent of a step, new or repeated, and renew the lease with it.

    A new step is inserted; the unique (run, path, group) refuses a second one. Raises `LostLease`, and
    `GateClosed` if one of `gates` is: the statement that takes the run for the step asks for them.
    """
    if step.pk is None:
        _insert(claim, step, now, gates)
        return step
    step.token = claim.token
    with transaction.atomic():
        _renew(claim, now, gates)
        _check(step.state, StepStatus.STARTED)
        landed = StepRun.objects.filter(pk=step.pk, status=step.status, attempts=step.attempts).update(
            status=StepStatus.STARTED,
            token=claim.token,
            attempts=F("attempts") + 1,
            may_have_acted=step.may_have_acted,
            interruptions=step.interruptions,
        )
        if not landed:
            raise LostLease(claim.run_id)
    step.status = StepStatus.STARTED
    step.attempts += 1
    return step


def record_step(claim: Claim, step: StepRun, *, gates: Gates = ()) -> None:
    """Insert a step whose outcome is known at once (a branch, or inputs that cannot be made).

    Raises as `start_step` does.
    """
    _insert(claim, step, step.finished_at or step.started_at, gates)


@dataclass(frozen=True)
class Leaving:
    """The state in which a worker leaves a run, and what else it writes to it."""

    status: RunStatus
    columns: dict[str, Any]


def end_step(
    claim: Claim, step: StepRun, status: StepStatus, *, leaving: Leaving | None = None, **columns: Any
) -> None:
    """Write the outcome of a step, or that none is known. Raises `LostLease` if it was taken over.

    The step is one that this claim started, or one that an earlier claim left behind: in both cases
    the row must still have the status and token that were read. With `leaving` the run is left in
    the same transaction; if it cannot be left any more, the step's outcome stands.
    """
    _check(step.state, status)
    outcome = _outcome(claim, step, {"status": status, **columns}, leaving)
    is_told = leaving is not None and claim.tells(leaving.status)
    # Another worker writes its token to a call under way, but not to a loop: only the run tells whose it is.
    is_fenced = step.token == claim.token and step.state is StepStatus.STARTED
    if is_fenced and not is_told:
        is_left = _ended(claim, *outcome)
    else:
        with transaction.atomic():
            if not is_fenced:
                _renew(claim, timezone.now())
            is_left = _end(claim, *outcome)
            if leaving is not None and is_told and is_left:
                claim.tell(leaving.status)
    if not is_left:
        raise LostLease(claim.run_id)
    step.status = status
    for name, value in columns.items():
        setattr(step, name, value)


def put_off(claim: Claim, step: StepRun, due: datetime) -> None:
    """Let a step that was due wait until another time. Raises `LostLease`."""
    as_read = {"pk": step.pk, "status": StepStatus.WAITING, "due_at": step.due_at}
    with transaction.atomic():
        _renew(claim, timezone.now())
        if not StepRun.objects.filter(**as_read).update(due_at=due):
            raise LostLease(claim.run_id)
    step.due_at = due


def renew(claim: Claim, *, gates: Gates = ()) -> None:
    """Renew the lease. In a transaction, what is written after it is written only if the run is still ours.

    Raises `LostLease`, and `GateClosed` if one of `gates` is.
    """
    _renew(claim, timezone.now(), gates)


def cancel(run_id: UUID, *, now: datetime) -> bool:
    """End a run that is not finished. A step that is under way ends, and its outcome is not awaited."""
    with transaction.atomic():
        landed = Run.objects.filter(pk=run_id, status__in=RunStatus.before(RunStatus.CANCELED)).update(
            status=RunStatus.CANCELED, token=None, lease_expires_at=None, due_at=None, finished_at=now
        )
        if landed and ending.is_listened_to():
            ending.tell(run_id)
        if landed and outbox.is_wanted():
            outbox.run_left(run_id, RunStatus.CANCELED)
        if landed and signaling.is_heard(RunStatus.CANCELED):
            # Receivers run in a worker, and not in the request of the person who cancels.
            transaction.on_commit(lambda: run_alerts.enqueue_run_ended(run_id), robust=True)
    return bool(landed)


def _insert(claim: Claim, step: StepRun, now: datetime, gates: Gates) -> None:
    """Insert a step, and renew the lease with it.

    Raises `LostLease`, also if the step is there already, and `GateClosed`.
    """
    is_fresh = claim.fresh_until is not None and now < claim.fresh_until
    claim.fresh_until = None
    step.token = claim.token
    alone = partial(_inserted, claim, step, now, gates, is_fresh=is_fresh)
    if is_fresh and batches.are_possible():
        batches.insert_step(step, gates, alone=alone)
    else:
        _written(claim.run_id, alone)


def _inserted(claim: Claim, step: StepRun, now: datetime, gates: Gates, *, is_fresh: bool) -> None:
    step.pk = None  # an attempt that was rolled back may have set it
    try:
        if is_fresh:
            # One statement, which also checks that the run is still this worker's and all gates are open.
            if not insert_if(step, Run, unless=_closed(claim, gates), **_claimed_by(claim)):
                raise _refusal(claim, gates)
            return
        # No savepoint: if the insert fails, there is nothing else to keep.
        with transaction.atomic():
            _renew(claim, now, gates)
            insert(step)
    except IntegrityError as error:
        raise LostLease(claim.run_id) from error


@dataclass(frozen=True)
class _Write:
    """What a worker has to make durable. It can be made again, and raises before it has written anything.

    `first` is the run that it changes, or the first of them.
    """

    first: UUID
    make: Callable[[], Any]


def _written(first: UUID, make: Callable[[], Any]) -> Any:  # noqa: ANN401  whatever `make` returns
    """Make it durable, on SQLite by one commit with what other threads write at the same moment.

    PostgreSQL lets the commits of several connections share one flush by itself. Raises what `make` raises.
    """
    return _together.write(_Write(first, make)) if connection.vendor == "sqlite" else make()


def _make_all(writes: Sequence[_Write]) -> list[Any]:
    with transaction.atomic():
        return [_made(write) for write in writes]


def _made(write: _Write) -> Any:  # noqa: ANN401  as above
    try:
        return write.make()
    except (LostLease, GateClosed):
        return ALONE


# A thread that waits holds no connection, so that few of them serve many threads.
_together: SharedCommit[_Write, Any] = SharedCommit(
    lambda write: write.make(),
    together=_make_all,
    order=lambda write: write.first,
    before_waiting=lending.give_back,
)


def _refusal(claim: Claim, gates: Gates) -> Exception:
    """Why a step could not begin."""
    try:
        reason = first_closed(Run.objects.filter(**_claimed_by(claim)), gates) if gates else None
    except Run.DoesNotExist:
        reason = None
    # The gate was opened meanwhile: the next claim finds it open.
    return GateClosed(reason) if reason else LostLease(claim.run_id)


def _check(old: State, new: State) -> None:
    if not old.may_become(new):
        raise ForbiddenTransition(f"{type(old).__name__}: {old} may not become {new}.")


def _outcome(
    claim: Claim, step: StepRun, columns: dict[str, Any], leaving: Leaving | None
) -> tuple[Change, Change | None]:
    """What is written for an outcome: to the step, and to its run if that is left with it."""
    as_read = {"pk": step.pk, "status": step.status, "token": step.token}
    outcome = Change(StepRun, where=as_read, values=columns)
    if leaving is None:
        return outcome, None
    return outcome, _left(claim, leaving.status, timezone.now(), leaving.columns)


def _ended(claim: Claim, outcome: Change, left: Change | None) -> bool:
    """Do what `_end` does, with what other threads write at the same moment."""
    alone = partial(_end, claim, outcome, left)
    if batches.are_possible():
        return batches.make_both(outcome, left, alone=alone)
    return bool(_written(claim.run_id, alone))


def _end(claim: Claim, outcome: Change, left: Change | None) -> bool:
    """Write the outcome, and leave the run with it; False if it could not be left. Raises `LostLease`."""
    if left is None:
        has_ended, is_left = bool(outcome.make()), True
    else:
        has_ended, is_left = update_both(outcome, left)
    if not has_ended:
        raise LostLease(claim.run_id)
    return is_left


def _left(claim: Claim, status: RunStatus, now: datetime, columns: dict[str, Any]) -> Change:
    _check(RunStatus.RUNNING, status)
    if status.is_final:
        columns = {"finished_at": now, **columns}
    free = {"token": None, "lease_expires_at": None, "rung_at": None, "idle_claims": 0}
    return Change(Run, where=_claimed_by(claim), values={"status": status, **free, **columns})


def _claimed_by(claim: Claim) -> dict[str, Any]:
    return {"pk": claim.run_id, "status": RunStatus.RUNNING, "token": claim.token}


def _renew(claim: Claim, now: datetime, gates: Gates = ()) -> None:
    values = {"lease_expires_at": _lease_end(now), "idle_claims": 0}
    if not update(Run, where=_claimed_by(claim), values=values, unless=_closed(claim, gates)):
        raise _refusal(claim, gates)


def _closed(claim: Claim, gates: Gates) -> list[Bound]:
    return [closed_for(claim.run_id, gates)] if gates else []


def _lease_end(now: datetime) -> datetime:
    return now + timedelta(seconds=conf.get("LEASE_SECONDS"))


def _claiming(which: Q | Unlocked, token: Any) -> tuple[QuerySet[Run], dict[str, Any]]:  # noqa: ANN401  a value or slot
    slots = {
        "now": Slot(Run, "due_at", "now"),
        "latest_lease": Slot(Run, "lease_expires_at", "latest_lease"),
        "most_idle_claims": Slot(Run, "idle_claims", "most_idle_claims"),
    }
    values = {
        "status": RunStatus.RUNNING,
        "token": token,
        "lease_expires_at": Slot(Run, "lease_expires_at", "lease"),
        "claims": F("claims") + 1,
        # The run's first step does not reset the count, but its row tells that the last claim wrote one.
        "idle_claims": Case(When(_has_written(), then=1), default=F("idle_claims") + 1),
        "due_at": None,
        "started_at": Coalesce(F("started_at"), slots["now"]),
    }
    return Run.objects.claimable(**slots).filter(which), values


def _has_written() -> Q:
    steps = StepRun.objects.filter(run=OuterRef("pk"), token=OuterRef("token"))
    return Q(status=RunStatus.RUNNING) & Q(Exists(steps))


_CLAIM = Statement(lambda: _claiming(Q(pk=Slot(Run, "pk")), Slot(Run, "token")))
_CLAIM_ALL = Statement(lambda: _claiming(Unlocked(Run, "run_ids"), RandomUUID()))
