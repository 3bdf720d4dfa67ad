"""What waits for the decision of one person."""

from collections.abc import Iterable
from typing import Any

from stripeflow.workflows.access.setting_off import Operation, permission_missing
from stripeflow.workflows.approvals.people import refusal
from stripeflow.workflows.models import Approval
from stripeflow.workflows.operations.verbs import MAX_AT_ONCE


def waiting_for(user: Any) -> list[Approval]:
    """The approvals that `user` may decide on, the oldest first; of the oldest `MAX_AT_ONCE` that wait."""
    rows = Approval.objects.pending().exclude(decisions__user=user.pk).order_by("asked_at", "pk")
    related = rows.select_related("run__workflow", "run__version", "run__event")[:MAX_AT_ONCE]
    return [one for one in related if not not_by(one, user)]


def not_by(approval: Approval, user: Any) -> str:
    """Why `user` may not decide on it, as a sentence; "" if they may."""
    document = approval.run.version.document
    return permission_missing(user, Operation.DECIDE, [document]) or refusal(user, approval)


def total_of(approvals: Iterable[Approval]) -> dict[str, int]:
    """What all of them would move, in minor units by currency, as far as it is known."""
    sums: dict[str, int] = {}
    for one in approvals:
        for currency, amount in one.sums.items():
            sums[currency] = sums.get(currency, 0) + amount
    return sums


def mark_of(approval: Approval) -> str:
    """An approval as it was seen, in one word for a form or a command line: its id and digest."""
    return f"{approval.pk}:{approval.digest}"


def read_mark(text: str) -> tuple[int, str]:
    """The id and the digest that `mark_of` wrote. Raises `ValueError`."""
    pk, _colon, digest = text.partition(":")
    if not (pk.isascii() and pk.isdigit() and len(pk) <= 18 and digest):  # noqa: PLR2004  as many as fit
        raise ValueError(text)
    return int(pk), digest
