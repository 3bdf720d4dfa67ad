"""Sets how much a workflow may refund in a day."""

from collections.abc import Mapping

from django.db import transaction

from stripeflow.workflows.access import money_check
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.models import Workflow


def set_caps(workflow: Workflow, caps: Mapping[str, int], act: Act, *, seen: Mapping[str, int]) -> bool:
    """Set the daily refund limits, by currency in minor units.

    False, and no change, if the limits are no longer those that the person has `seen`. Raises `ProofNeeded`.
    """
    money_check.check(act.user)
    with transaction.atomic():
        row = Workflow.objects.select_for_update().get(pk=workflow.pk)
        if row.refund_caps != seen:
            return False
        Workflow.objects.filter(pk=row.pk).update(refund_caps=dict(caps))
        record(kinds.LIMITS_SET, act, row, before=row.refund_caps, after=caps)
    return True
