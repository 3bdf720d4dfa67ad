"""Whether people have approved exactly the call that a step is about to make.

A step that an approval covers compares its rendered inputs, by their digest, with what people saw. If they
differ, that approval is void, nothing is done, and people are asked once more, by the same terms.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max
from django.utils.translation import gettext as _

from stripeflow.actions.base import Action
from stripeflow.actions.wording import worded
from stripeflow.workflows.approvals.asking import Escalation, Question, Terms, ask, make_void, settled
from stripeflow.workflows.approvals.would import Would, digest_of
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import ActionPlan
from stripeflow.workflows.models import Approval, Run, StepRun
from stripeflow.workflows.models.approval import ApprovalStatus, Cause
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.states import StepStatus

# What ends an approval without one, and the code of the error that follows.
ENDED = {
    ApprovalStatus.DECLINED: "approval_declined",
    ApprovalStatus.TIMED_OUT: "approval_timed_out",
    ApprovalStatus.NOBODY: "approval_nobody",
}


@dataclass(frozen=True)
class Given:
    """A call that is about to be made: its step at `path`, with rendered inputs."""

    action: Action
    step: ActionPlan
    path: str
    inputs: Json

    @property
    def digest(self) -> str:
        """What people have to have approved."""
        return digest_of(self.step, self.inputs)


@dataclass(frozen=True)
class Awaited:
    """People are asked, until `due`."""

    due: datetime
    error: Failure


def approved(
    run: Run, given: Given, covering: Sequence[str], *, after: datetime | None
) -> Awaited | Failure | None:
    """None if people have approved this call, or no approval that covers it was asked in this run.

    Otherwise why not, or until when they are asked. What they said to an attempt that ended at `after` does
    not count for one that a person has retried.
    """
    asked = list(_asked(run, given.path, covering))
    spent = spent_at(run, given.path) if after else None
    stale = [one for one in asked if not approves(one, given, spent)]
    if not stale:
        return None
    own = Approval.objects.at(run.pk, given.path, cause=Cause.CHANGED)
    if own is not None:
        own = settled(own)
        if approves(own, given, spent):
            return None
        if own.state is ApprovalStatus.PENDING:
            return _awaited(own)
        if own.state in ENDED and not (after and own.ended_at and own.ended_at <= after):
            return refused(own)
    for one in (*stale, *([own] if own else [])):
        # One that was used for another item, say, was right.
        if not is_used_elsewhere(one, given.step.key, given.path):
            make_void(one)
    return _awaited(ask(run, given.path, given.step.key, _question(stale[-1], given), _terms(stale[-1])))


def approves(approval: Approval, given: Given, spent: datetime | None) -> bool:
    """Whether it was approved after `spent`, and this very call with it, which was not made elsewhere."""
    if not is_valid(approval, spent) or is_used_elsewhere(approval, given.step.key, given.path):
        return False
    digest = given.digest
    return any(one["key"] == given.step.key and one["digest"] == digest for one in approval.would)


def is_valid(approval: Approval, spent: datetime | None) -> bool:
    """Whether people have approved, and after `spent`."""
    if approval.state is not ApprovalStatus.APPROVED or approval.ended_at is None:
        return False
    return spent is None or approval.ended_at > spent


def is_used_elsewhere(approval: Approval, step_key: str, path: str) -> bool:
    """Whether the step was begun at another place for which the same approval counts.

    People saw one call. A loop behind the approval would make it for each item.
    """
    prefix = approval.path[: approval.path.rfind("/") + 1]
    begun = StepRun.objects.filter(run=approval.run_id, step_key=step_key, path__startswith=prefix)
    return begun.exclude(path=path).exists()


def spent_at(run: Run, path: str) -> datetime | None:
    """When a person last had a step done again of which nobody knew whether it had happened; None for never.

    What was approved before that may have happened once already.
    """
    unknown = run.steps.filter(path=path, status=StepStatus.OUTCOME_UNKNOWN, superseded_at__isnull=False)
    return unknown.aggregate(last=Max("superseded_at"))["last"]


def refused(approval: Approval) -> Failure:
    """The error of a step that people did not approve."""
    messages = {
        ApprovalStatus.DECLINED: _("People have declined this step, so it was not done."),
        ApprovalStatus.TIMED_OUT: _("Nobody has approved this step in time, so it was not done."),
        ApprovalStatus.NOBODY: _("Nobody is left who may approve this step, so it was not done."),
    }
    return failure(ENDED[approval.state], worded(messages[approval.state]))


def _asked(run: Run, path: str, covering: Sequence[str]) -> Iterator[Approval]:
    """The last approval at each place that covers the step, in the items of loops that it stands in."""
    parts = path.split("/")[:-1]
    prefixes = ["".join(f"{part}/" for part in parts[:number]) for number in range(len(parts) + 1)]
    places = [f"{prefix}{key}" for prefix in prefixes for key in covering]
    last = {one.path: one for one in run.approvals.filter(path__in=places).order_by("number")}
    yield from last.values()


def _question(before: Approval, given: Given) -> Question:
    text = _("What was approved has changed. %s") % before.question
    return Question(text, (Would.of(given.step, given.action, given.inputs),), Cause.CHANGED)


def _terms(before: Approval) -> Terms:
    asked = before.asked_at
    further = (
        Escalation(before.escalate_at - asked, before.more_users or (), before.more_groups or ())
        if before.escalate_at
        else None
    )
    return Terms(before.users, before.groups, before.needed, before.due_at - asked, further)


def _awaited(approval: Approval) -> Awaited:
    message = _("What was approved has changed. Nothing was done, and people are asked once more.")
    return Awaited(approval.due_at, failure("approval_changed", worded(message)))
