"""Reads the audit log: what was done by whom, and who changed a workflow last."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.models import AuditEntry

# The filters, each with its look-up. API, page and command have the same.
LOOKUPS = {
    "kind": "kind",
    "user": "user_name",
    "user_id": "user_id",
    "via": "via",
    "token_id": "token_id",
    "object_kind": "object_kind",
    "object_id": "object_id",
    "workflow": "workflow_id",
    "since": "at__gte",
    "until": "at__lt",
}


def entries(wanted: Mapping[str, Any]) -> QuerySet[AuditEntry]:
    """The entries that match all `wanted` filters, by the names of `LOOKUPS`, newest first."""
    given = {LOOKUPS[name]: value for name, value in wanted.items() if name in LOOKUPS}
    return AuditEntry.objects.filter(**given)


def last_editor(workflow_id: int) -> str:
    """The name of who changed the draft last, by whichever door; "" if it was no person."""
    edits = AuditEntry.objects.filter(
        workflow_id=workflow_id, object_kind="workflow", kind__in=kinds.of_drafts()
    )
    return edits.values_list("user_name", flat=True).first() or ""
