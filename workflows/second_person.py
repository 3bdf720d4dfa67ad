"""A second person: what moves money is not activated by who changed it last, where a setting says so."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from workflows import conf
from workflows.acts import Act
from workflows.audit import kinds
from workflows.definition.undecided import moves_or_destroys
from workflows.definition.walk import Json
from workflows.models import AuditEntry, Workflow

# Whoever did one of these decided what the draft says.
_WRITING = tuple(
    kind.key
    for kind in (
        kinds.WORKFLOW_CREATED,
        kinds.WORKFLOW_DUPLICATED,
        kinds.WORKFLOW_EDITED,
        kinds.WORKFLOW_UNDONE,
        kinds.WORKFLOW_REDONE,
    )
)


def check(workflow: Workflow, document: Json, act: Act) -> None:
    """Raise `PermissionDenied`, with a sentence, if somebody else has to activate `document`."""
    if told := refusal(workflow, document, act):
        raise PermissionDenied(told)


def refusal(workflow: Workflow, document: Json, act: Act) -> str:
    """Why who acts may not activate what the draft says, as a sentence that says what to do, or ""."""
    if not conf.get("SECOND_PERSON") or not moves_or_destroys(document["steps"]):
        return ""
    last = _last_change(workflow)
    if last is None or not last.user_id:
        return _(
            "This workflow moves money or destroys something, so a second person has to activate it, and "
            "nobody knows who changed it last. Save a change of it, and have somebody else activate it."
        )
    if not getattr(act.user, "is_authenticated", False):
        return _(
            "This workflow moves money or destroys something, so a second person has to activate it. "
            "Activate it as a user, in the admin or by the API."
        )
    if str(act.user.pk) == last.user_id:
        return _(
            "You changed this workflow last, and it moves money or destroys something. Have somebody else "
            "look at it and activate it."
        )
    return ""


def _last_change(workflow: Workflow) -> AuditEntry | None:
    """The last entry of the audit log by which the draft changed; a save without a change is none."""
    entries = AuditEntry.objects.filter(workflow_id=workflow.pk, kind__in=_WRITING)
    return next((entry for entry in entries.iterator(chunk_size=50) if _changed(entry)), None)


def _changed(entry: AuditEntry) -> bool:
    return "changed" not in (entry.after or {}) or bool(entry.after["changed"])
