"""A second person: a setting forbids activating a workflow that moves money if you changed it yourself."""

from django.core.exceptions import PermissionDenied
from django.utils.translation import gettext as _

from stripeflow.workflows import conf
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.undecided import moves_or_destroys
from stripeflow.workflows.models import AuditEntry, Workflow


def check(workflow: Workflow, document: Json, act: Act) -> None:
    """Raise `PermissionDenied`, with a sentence, if somebody else has to activate `document`."""
    if reason := refusal(workflow, document, act):
        raise PermissionDenied(reason)


def refusal(workflow: Workflow, document: Json, act: Act) -> str:
    """Why this person may not activate the draft, as a sentence that says what to do, or ""."""
    if not conf.get("SECOND_PERSON") or not moves_or_destroys(document["steps"]):
        return ""
    changes = _changes(workflow)
    if not changes or not changes[0].user_id:
        return _(
            "This workflow moves money or destroys something, so a second person has to activate it, and "
            "nobody knows who changed it last. Save a change of it, and have somebody else activate it."
        )
    if not getattr(act.user, "is_authenticated", False):
        return _(
            "This workflow moves money or destroys something, so a second person has to activate it. "
            "Activate it as a user, in the admin or by the API."
        )
    if str(act.user.pk) in {change.user_id for change in changes}:
        return _(
            "You have changed this workflow, and it moves money or destroys something. Have somebody look at "
            "it and activate it who has not changed it since it was activated last."
        )
    return ""


def _changes(workflow: Workflow) -> list[AuditEntry]:
    """The changes since the last activation, newest first; if there are none, the last change.

    They are entries of the audit log; a save without a change has none.
    """
    entries = AuditEntry.objects.filter(workflow_id=workflow.pk).order_by("-id")
    activated = entries.filter(kind=kinds.WORKFLOW_ACTIVATED.key).first()
    writing = entries.filter(kind__in=kinds.of_drafts())
    since = writing.filter(pk__gt=activated.pk) if activated else writing
    if changes := [entry for entry in since if _changed(entry)]:
        return changes
    return [entry for entry in writing.iterator(chunk_size=50) if _changed(entry)][:1]


def _changed(entry: AuditEntry) -> bool:
    after = entry.after or {}
    return "changed" not in after or bool(after["changed"])
