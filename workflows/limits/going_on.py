"""Which runs go on once a person has ended a reason to hold them, and which stay held.

People who may not move money, or not change customers, cannot start what does. If new events would start an
active version of that kind, the reason is not ended at all. Runs of older versions stay held until somebody
with the permission releases them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import ngettext

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows.access.setting_off import Operation, may_all, refusal
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.models import Run, Workflow, WorkflowVersion
from stripeflow.workflows.models.failures import held
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus


@dataclass(frozen=True)
class WentOn:
    """How many held runs go on, and how many stay held for somebody with the permission."""

    released: int
    held_back: int = 0

    @property
    def sentence(self) -> str:
        """How many runs stay held, and who can release them; "" if there are none."""
        if not self.held_back:
            return ""
        return ngettext(
            "%d run stays held, since it moves money, destroys something or changes customers: somebody who "
            "may set it off has to release it.",
            "%d runs stay held, since they move money, destroy something or change customers: somebody who "
            "may set them off has to release them.",
            self.held_back,
        ) % (self.held_back)


def active_documents(workflow: Workflow) -> list[Json]:
    """The frozen document that new events of this workflow set off; none while it is not active."""
    if workflow.active_version_id is None:
        return []
    version = WorkflowVersion.objects.filter(pk=workflow.active_version_id).first()
    return [] if version is None else [version.document]


def all_active_documents(whose: AccountMode | None = None) -> Iterator[Json]:
    """Those that new events set off, of one account and mode if given; not of what is paused."""
    active = Workflow.objects.filter(active_version__isnull=False, paused_at=None).order_by("pk")
    for document in active.values_list("active_version__document", flat=True).iterator():
        if whose is None or scope_of(document["trigger"]).refusal(**whose._asdict()) is None:
            yield document


def not_paused() -> QuerySet[Run]:
    """The runs whose workflow is not paused; without a join, see `release_over`."""
    return Run.objects.filter(workflow__in=Workflow.objects.filter(paused_at=None))


def hold_back(user: Any, operation: Operation, runs: QuerySet[Run], *reasons: HeldReason) -> int:
    """Hold those of `runs` that `user` may not set off, and that would go on; returns how many.

    Those are runs held for one of `reasons`, and runs that no worker has held yet. Call it in the transaction
    that ends the reasons, before it ends them. A call under way finishes, and no step follows it.
    """
    if may_all(user):
        return 0
    is_held = Q(status=RunStatus.HELD, held_reason__in=reasons)
    would_go_on = runs.filter(is_held | Q(status__in=RunStatus.before(RunStatus.HELD)))
    versions = WorkflowVersion.objects.filter(pk__in=would_go_on.order_by().values("version"))
    refused = [
        pk
        for pk, document in versions.order_by().values_list("pk", "document")
        if refusal(user, operation, [document])
    ]
    if not refused:
        return 0
    return would_go_on.filter(version__in=refused).update(
        status=RunStatus.HELD,
        held_reason=HeldReason.AWAITS_RELEASE,
        error=held(HeldReason.AWAITS_RELEASE.label),
        token=None,
        lease_expires_at=None,
        due_at=None,
        rung_at=None,
    )
