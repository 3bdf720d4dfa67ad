"""Which workflows somebody may start for an object of Stripe: whose inputs ask for the ID of such a one."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from stripeflow.triggers import own_account
from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.mirror_reading import MirroredObject, RecentObject, recent
from stripeflow.workflows import permissions
from stripeflow.workflows.access.setting_off import Operation, may
from stripeflow.workflows.definition.on_demand.setting import declared_in
from stripeflow.workflows.definition.on_demand.trigger import OnDemand
from stripeflow.workflows.definition.scope import own_accounts, scope_of
from stripeflow.workflows.definition.trigger import TriggerPlan
from stripeflow.workflows.models import Workflow, WorkflowVersion

# How many objects a form offers.
MOST_RECENT = 20


@dataclass(frozen=True)
class Fitting:
    """A workflow, and the name of the first input that takes the object's ID."""

    workflow: Workflow
    version: WorkflowVersion
    input: str


def side_of_object(shown: MirroredObject) -> AccountMode | None:
    """The mode and account of a mirrored object; None where that is not known for certain."""
    if shown.livemode is None or not shown.owner:
        return None
    if shown.owner in _own_ids():
        return AccountMode(shown.livemode, "")
    # As long as nobody knows whose the key of this mode is, it may be this account's.
    return AccountMode(shown.livemode, shown.owner) if _own_ids(livemode=shown.livemode) else None


def _own_ids(*, livemode: bool | None = None) -> frozenset[str]:
    """Our own accounts: those that the settings name, and those of the keys of a mode or of all."""
    return own_account.ids(livemode=livemode) | frozenset(own_accounts())


def recent_objects(user: Any, kind: str, side: AccountMode) -> list[RecentObject]:
    """The newest objects of a kind in the mirror; none for people who may not see payloads."""
    if not permissions.may_see_payloads(user):
        return []
    owners = {side.account} if side.account else _own_ids()
    return recent(kind, livemode=side.livemode, owners=owners, most=MOST_RECENT)


def fitting(user: Any, kind: str, side: AccountMode) -> Iterator[Fitting]:
    """The active workflows on demand for an object of this kind, mode and account, by name.

    Only those that `user` may start. One query.
    """
    on_demand = {"active_version__document__trigger__type": OnDemand.type}
    found = Workflow.objects.active().filter(**on_demand).select_related("active_version")
    for workflow in found.order_by("name", "id"):
        version = workflow.active_version
        name = _input_for(version, kind, side) if version else ""
        if version and name and may(user, Operation.START, [version.document]):
            yield Fitting(workflow, version, name)


def _input_for(version: WorkflowVersion, kind: str, side: AccountMode) -> str:
    trigger = version.document["trigger"]
    if scope_of(trigger).refusal(livemode=side.livemode, account=side.account):
        return ""
    asked = declared_in(TriggerPlan.of(trigger).settings)
    return next((one.name for one in asked if one.of == kind), "")
