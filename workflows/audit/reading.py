"""Reads the audit log: of one workflow, and who changed it last."""

from workflows.audit import kinds
from workflows.models import AuditEntry

_EDITS = [
    kind.key
    for kind in (
        kinds.WORKFLOW_CREATED,
        kinds.WORKFLOW_DUPLICATED,
        kinds.WORKFLOW_EDITED,
        kinds.WORKFLOW_UNDONE,
        kinds.WORKFLOW_REDONE,
    )
]


def last_editor(workflow_id: int) -> str:
    """The name of who changed the draft last, by whichever door; "" if it was no person."""
    edits = AuditEntry.objects.filter(workflow_id=workflow_id, object_kind="workflow", kind__in=_EDITS)
    return edits.values_list("user_name", flat=True).first() or ""
