"""The approvals of a run, for people: what would happen, who decided, and whether this person may."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from stripeflow.actions.visible import single_line, visible
from stripeflow.workflows.approvals.people import approvals_given
from stripeflow.workflows.approvals.would import lines_of, sums_text
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.times import before_stop
from stripeflow.workflows.models import Approval, Decision
from stripeflow.workflows.models.approval import ApprovalStatus
from stripeflow.workflows.operations.waiting_for import not_by


@dataclass(frozen=True)
class WouldSeen:
    """One action that would be called: its title, and its inputs as label and text."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ApprovalSeen:
    """One approval as a page shows it. Values are in it only for people who may see payloads.

    `not_by` is why this person may not decide, "" if they may; it is empty for one that has ended.
    """

    row: Approval
    title: str
    question: str
    would: tuple[WouldSeen, ...]
    sums: str
    progress: str
    decisions: tuple[Decision, ...]
    payloads: bool
    not_by: str

    @property
    def is_open(self) -> bool:
        return self.row.state is ApprovalStatus.PENDING

    @property
    def due_text(self) -> str:
        """When it times out, at the end of a sentence."""
        return before_stop(self.row.due_at)

    @property
    def reminders(self) -> tuple[str, ...]:
        """When people were reminded, and when further ones were asked, or are to be."""
        row = self.row
        lines = (
            (row.reminded_at, _("People were reminded on %s.")),
            (row.escalated_at, _("Further people are asked since %s.")),
            (
                row.escalate_at if self.is_open and not row.escalated_at else None,
                _("Further people will be asked on %s."),
            ),
        )
        return tuple(text % before_stop(at) for at, text in lines if at)

    @property
    def may_decide(self) -> bool:
        return self.is_open and not self.not_by


def approvals_of(approvals: Iterable[Approval], user: Any, *, payloads: bool) -> tuple[ApprovalSeen, ...]:
    """These approvals as `user` may see them. `payloads`: whether values may be shown."""
    return tuple(approval_of(one, user, payloads=payloads) for one in approvals)


def approval_of(row: Approval, user: Any, *, payloads: bool) -> ApprovalSeen:
    """One approval as `user` may see it."""
    run = row.run
    is_open = row.state is ApprovalStatus.PENDING
    return ApprovalSeen(
        row=row,
        title=title_in(run.version.document, row.step_key),
        question=visible(row.question) if payloads else "",
        would=tuple(_would(one, row) for one in row.would) if payloads else (),
        sums=sums_text(row.sums) if payloads else "",
        progress=_progress(row) if is_open else "",
        decisions=tuple(row.decisions.all()),
        payloads=payloads,
        not_by=not_by(row, user) if is_open else "",
    )


def _would(one: dict[str, Any], row: Approval) -> WouldSeen:
    lines = lines_of(one, livemode=row.run.livemode, account=row.run.account)
    return WouldSeen(single_line(one["title"]), tuple(lines))


def _progress(row: Approval) -> str:
    given = approvals_given(row)
    if row.needed == 1:
        return _("One person has to approve.")
    return ngettext(
        "%(given)d of %(needed)d person has approved.",
        "%(given)d of %(needed)d people have approved.",
        row.needed,
    ) % {"given": given, "needed": row.needed}
