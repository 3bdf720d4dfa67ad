"""Decides on approvals. `decide` is the one function behind the page, the API, the command line and bulk."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.access.asking_again import allowing, as_of_now
from stripeflow.workflows.access.money_check import ProofNeeded
from stripeflow.workflows.access.setting_off import Operation
from stripeflow.workflows.approvals.going_on import wake
from stripeflow.workflows.approvals.people import approvals_given, refusal
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import Facts, record
from stripeflow.workflows.models import Approval, Decision, Run, RunOperation
from stripeflow.workflows.models.approval import ApprovalStatus, Verdict
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.operations.refusals import Outdated
from stripeflow.workflows.permissions import InsufficientScope
from stripeflow.workflows.states import RunStatus

_KINDS = {
    Verdict.APPROVE: (OperationKind.APPROVE, kinds.RUN_APPROVED),
    Verdict.DECLINE: (OperationKind.DECLINE, kinds.RUN_DECLINED),
}

# What an approval asks, and whom.
_ASKED = [
    *("status", "digest", "due_at", "needed"),
    *("users", "groups", "more_users", "more_groups", "escalated_at"),
]

# What a person reads who has decided, by what the approval is then.
DECIDED: dict[ApprovalStatus, Promise] = {
    ApprovalStatus.PENDING: gettext_lazy("Noted. More people have to approve."),
    ApprovalStatus.APPROVED: gettext_lazy("Approved. The run goes on."),
    ApprovalStatus.DECLINED: gettext_lazy("Declined. What it would have done is not done."),
}


class NotYours(PermissionDenied):
    """The person has the permissions, but may not decide on this approval; the message says why."""


@dataclass(frozen=True)
class Decided:
    """The result for one approval of several. `code` is empty if it was decided."""

    id: int
    approval: Approval | None = None
    code: str = ""
    message: str = ""


def get(pk: int) -> Approval:
    """The approval with what deciding needs. Raises `Approval.DoesNotExist`."""
    return Approval.objects.select_related("run__workflow", "run__version", "run__event").get(pk=pk)


def decide(approval: Approval, verdict: Verdict, act: Act, *, seen: str) -> Approval:
    """Approve or decline, for the person of `act`; returns the approval as it is then.

    `seen` is the digest of what the person saw. The run is locked meanwhile, so of two people at once one
    comes second, and a cancel comes before or after. Raises `NotPossible`, as its subclass `Outdated` if
    something else is asked by now, and `PermissionDenied`.
    """
    if act.user is None:
        raise PermissionDenied(_("Say who decides: a person has to."))
    with allowing(act.user, Operation.DECIDE, [approval.run.version.document]):
        run = Run.objects.select_for_update(no_key=True).get(pk=approval.run_id)
        approval.refresh_from_db(
            fields=_ASKED,
            from_queryset=Approval.objects.select_for_update(),
        )
        _check_open(approval, run)
        if seen != approval.digest:
            raise Outdated(_("What you have seen is not what would happen now. Look again, and then decide."))
        if reason := refusal(as_of_now(act.user), approval):
            raise NotYours(reason)
        Decision.objects.create(
            approval=approval,
            user=act.user,
            verdict=verdict,
            comment=act.note[:500],
            seen=seen,
            via=act.origin.via,
        )
        _end_if_decided(approval, verdict)
        _record(approval, verdict, act)
    approval.refresh_from_db()
    return approval


def decide_each(seen: Mapping[int, str], verdict: Verdict, act: Act) -> Iterator[Decided]:
    """Decide on each of the approvals by itself; `seen` has the digest of each."""
    rows = Approval.objects.select_related("run__workflow", "run__version", "run__event")
    found = rows.in_bulk(list(seen))
    for pk, digest in seen.items():
        approval = found.get(pk)
        if approval is None:
            yield Decided(pk, code="not_found", message=_("There is no approval %s.") % pk)
            continue
        try:
            yield Decided(pk, decide(approval, verdict, act, seen=digest))
        except (NotPossible, PermissionDenied) as error:
            yield Decided(pk, code=_code(error), message=str(error))


def _check_open(approval: Approval, run: Run) -> None:
    """Raise `NotPossible` unless the run waits for this decision now."""
    if approval.state is not ApprovalStatus.PENDING:
        message = _("Nobody is asked any more: %s.")
        raise NotPossible(message % approval.get_status_display())
    if run.state.is_final:
        raise NotPossible(_("The run has ended, so nobody is asked any more."))
    if approval.due_at <= timezone.now():
        raise NotPossible(_("The time to decide is over."))
    if run.state is RunStatus.RUNNING:
        # Its worker is about to leave it: what is decided now, it would not see.
        raise NotPossible(_("A worker has the run just now. Try again in a moment."))


def _end_if_decided(approval: Approval, verdict: Verdict) -> None:
    """One decline ends it, and so does the last approval that is needed. Then the run goes on."""
    if verdict is Verdict.DECLINE:
        status = ApprovalStatus.DECLINED
    elif approvals_given(approval) >= approval.needed:
        status = ApprovalStatus.APPROVED
    else:
        return
    rows = Approval.objects.filter(pk=approval.pk, status=ApprovalStatus.PENDING)
    if not rows.update(status=status, ended_at=timezone.now(), mail_at=None):
        raise NotPossible(_("Somebody else has decided meanwhile."))
    wake(approval)


def _record(approval: Approval, verdict: Verdict, act: Act) -> None:
    operation, kind = _KINDS[verdict]
    who = {"user": act.user, "via": act.origin.via, "note": act.note[:500]}
    RunOperation.objects.create(run=approval.run, kind=operation, step=approval.path, **who)
    after: Facts = {"approval": approval.pk, "step": approval.path, "digest": approval.digest}
    record(kind, act, approval.run, after=after)


def _code(error: NotPossible | PermissionDenied) -> str:
    if isinstance(error, Outdated):
        return "revision_conflict"
    if isinstance(error, InsufficientScope):
        return "insufficient_scope"
    if isinstance(error, ProofNeeded):
        return "proof_needed"
    return "permission_denied" if isinstance(error, PermissionDenied) else "not_allowed"
