"""Asks for an approval, and says what became of it. Only guarded updates; the run's worker calls these."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from stripeflow.triggers.json_safety import sanitize
from stripeflow.workflows.approvals.would import Would, digest_of_all, sums_of
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.destinations import outbox
from stripeflow.workflows.models import Approval, Run
from stripeflow.workflows.models.approval import ApprovalStatus, Cause
from stripeflow.workflows.run_events import signaling, types

# What people, or their silence, have said.
_ANSWERS = (ApprovalStatus.APPROVED, ApprovalStatus.DECLINED, ApprovalStatus.TIMED_OUT)
# How long people have, where a step says nothing.
DEFAULT_TIME = timedelta(days=7)


@dataclass(frozen=True)
class Escalation:
    """Who may decide too, if the question is still open so long after it was asked.

    Without users and groups it is everybody who has the permission.
    """

    after: timedelta
    users: Sequence[str] = ()
    groups: Sequence[str] = ()


@dataclass(frozen=True)
class Terms:
    """Who may decide, how many of them have to approve, and for how long they are asked."""

    users: Sequence[str] = ()
    groups: Sequence[str] = ()
    needed: int = 1
    time: timedelta = DEFAULT_TIME
    escalation: Escalation | None = None


@dataclass(frozen=True)
class Question:
    """What is asked, and what would happen."""

    text: str
    would: Sequence[Would]
    cause: Cause = Cause.STEP

    @property
    def recorded(self) -> list[Json]:
        """What would happen, as the approval's row holds it."""
        return sanitize([one.to_json() for one in self.would])

    def digest(self, run: Run, path: str, number: int) -> str:
        """What people have to have seen who are asked it for the `number`th time at this place of the run."""
        return digest_of_all(f"{run.pk}/{path}/{number}", self.text, self.recorded)


def ask(run: Run, path: str, step_key: str, question: Question, terms: Terms) -> Approval:
    """The approval that waits at this place of the run: a new one, unless one waits there already."""
    last = Approval.objects.at(run.pk, path)
    if last is not None and last.state is ApprovalStatus.PENDING:
        return last
    now = timezone.now()
    further = terms.escalation
    would = question.recorded
    number = last.number + 1 if last else 1
    new = Approval(
        run=run,
        path=path,
        step_key=step_key,
        number=number,
        cause=question.cause,
        question=question.text,
        would=would,
        digest=question.digest(run, path, number),
        sums=sums_of(question.would),
        needed=terms.needed,
        users=list(terms.users),
        groups=list(terms.groups),
        more_users=list(further.users) if further else [],
        more_groups=list(further.groups) if further else [],
        escalate_at=now + further.after if further and further.after < terms.time else None,
        asked_at=now,
        mail_at=now,
        due_at=now + terms.time,
    )
    try:
        with transaction.atomic():
            new.save(force_insert=True)
            if outbox.is_wanted():
                outbox.approval_asked(new)
            transaction.on_commit(lambda: _tell(new), robust=True)
    except IntegrityError:
        # A worker that has lost the run asked meanwhile.
        return Approval.objects.get(run=run, path=path, status=ApprovalStatus.PENDING)
    return new


def answered(run: Run, path: str, question: Question) -> Approval | None:
    """What people have said to this very question, if its worker died before it could record that it waits.

    For a step that knows of no question: one that waits reads what became of its own.
    """
    last = Approval.objects.at(run.pk, path, cause=question.cause)
    if last is None or last.state not in _ANSWERS:
        return None
    return last if last.digest == question.digest(run, path, last.number) else None


def _tell(approval: Approval) -> None:
    signal = types.APPROVAL_ASKED.signal
    if signal.has_listeners(Run) and (run := signaling.whole_run(approval.run_id)):
        signaling.send(signal, run, approval=approval)


def settled(approval: Approval) -> Approval:
    """The approval as it is now; one whose time is over has timed out."""
    now = timezone.now()
    with transaction.atomic():
        rows = Approval.objects.filter(pk=approval.pk, status=ApprovalStatus.PENDING, due_at__lte=now)
        if rows.update(status=ApprovalStatus.TIMED_OUT, ended_at=now, mail_at=None):
            record(kinds.APPROVAL_TIMED_OUT, NOBODY, approval.run, after=facts_of(approval))
    approval.refresh_from_db()
    return approval


def make_void(approval: Approval) -> None:
    """Say that what was approved is not what would happen now. One that is not approved stays as it is."""
    with transaction.atomic():
        rows = Approval.objects.filter(pk=approval.pk, status=ApprovalStatus.APPROVED)
        if rows.update(status=ApprovalStatus.VOID):
            record(kinds.APPROVAL_VOID, NOBODY, approval.run, after=facts_of(approval))
    approval.refresh_from_db()


def end_for_lack_of_people(approval: Approval) -> bool:
    """End an approval that nobody is left to decide on; whether it still waited."""
    rows = Approval.objects.filter(pk=approval.pk, status=ApprovalStatus.PENDING)
    return bool(rows.update(status=ApprovalStatus.NOBODY, ended_at=timezone.now(), mail_at=None))


def end_with_run(run: Run, now: datetime) -> None:
    """End what a run asks that is canceled."""
    rows = Approval.objects.filter(run=run, status=ApprovalStatus.PENDING)
    rows.update(status=ApprovalStatus.CANCELED, ended_at=now, mail_at=None)


def facts_of(approval: Approval) -> dict[str, str | int]:
    """What the audit log says of an approval."""
    return {"approval": approval.pk, "step": approval.path, "digest": approval.digest}
