"""Sets how much a workflow may move in a day, for everybody together and for one customer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction

from stripeflow.workflows.access import money_check
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.record import Facts, record
from stripeflow.workflows.models import Workflow


@dataclass(frozen=True)
class OwnCaps:
    """The daily limits of a workflow itself, by currency in minor units."""

    every: Mapping[str, int] = field(default_factory=dict)
    one_customer: Mapping[str, int] = field(default_factory=dict)

    @classmethod
    def of(cls, workflow: Workflow) -> "OwnCaps":
        """Those of this row."""
        return cls(workflow.refund_caps, workflow.customer_caps)

    @property
    def facts(self) -> Facts:
        """What the audit log keeps of them."""
        of_one = {f"{currency}_for_one_customer": cap for currency, cap in self.one_customer.items()}
        return {**self.every, **of_one}


def set_caps(workflow: Workflow, caps: OwnCaps, act: Act, *, seen: OwnCaps) -> bool:
    """Set the daily limits of the workflow.

    False, and no change, if the limits are no longer those that the person has `seen`. Raises `ProofNeeded`.
    """
    money_check.check(act.user)
    with transaction.atomic():
        row = Workflow.objects.select_for_update().get(pk=workflow.pk)
        before = OwnCaps.of(row)
        if before != seen:
            return False
        Workflow.objects.filter(pk=row.pk).update(
            refund_caps=dict(caps.every), customer_caps=dict(caps.one_customer)
        )
        record(kinds.LIMITS_SET, act, row, before=before.facts, after=caps.facts)
    return True
