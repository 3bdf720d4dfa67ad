"""The life of a workflow: create, activate, deactivate, archive, restore, duplicate and delete."""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.workflows.access import second_person
from stripeflow.workflows.access.asking_again import as_of_now
from stripeflow.workflows.access.setting_off import Operation, check
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.awaiting.rows import register_types
from stripeflow.workflows.definition.circles import circles
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.plan import build
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.drafts.deleted_steps import deleted_steps
from stripeflow.workflows.drafts.editing import NotAllowed, RevisionConflict, check_kept, refuse_clear
from stripeflow.workflows.drafts.new_scope import new_scope
from stripeflow.workflows.drafts.rows import replace_rows, to_document
from stripeflow.workflows.models import Activation, Trigger, Workflow, WorkflowVersion
from stripeflow.workflows.models.version import padded
from stripeflow.workflows.schedules import keeping
from stripeflow.workflows.states import WorkflowStatus


def create(document: Json, *, owner: Any = None, template_key: str = "", act: Act = NOBODY) -> Workflow:
    """A new draft from a document. Raises `DefinitionError` if its structure is wrong."""
    with transaction.atomic():
        workflow = _create(document, owner, template_key)
        record(kinds.WORKFLOW_CREATED, act, workflow, after={"template": template_key or None})
    return workflow


def create_empty(workflow: Workflow, *, act: Act) -> None:
    """Save a new draft that has a name and an owner only, with the trigger that every workflow has."""
    scope = new_scope()
    with transaction.atomic():
        workflow.save(force_insert=True)
        Trigger.objects.create(workflow=workflow, mode=scope.mode, accounts=scope.accounts)
        record(kinds.WORKFLOW_CREATED, act, workflow)


def delete(workflow: Workflow, *, act: Act) -> None:
    """Delete the workflow with its rows. Raises `NotAllowed` if it is active, has run, or is gone."""
    with transaction.atomic():
        row = Workflow.objects.select_for_update().filter(pk=workflow.pk).first()
        if row is None:
            raise NotAllowed(_("“%s” was deleted in the meantime.") % workflow.name)
        if reason := kept_because(row):
            raise NotAllowed(reason)
        record(kinds.WORKFLOW_DELETED, act, row, before={"status": row.status})
        row.delete()


def kept_because(workflow: Workflow) -> str:
    """Why a workflow cannot be deleted, as a sentence, or ""."""
    if workflow.state is WorkflowStatus.ACTIVE:
        return _("An active workflow cannot be deleted. Deactivate it first.")
    if workflow.runs.exists():
        return _("This workflow has run, and its history is kept. Archive it instead of deleting it.")
    return ""


def _create(document: Json, owner: Any, template_key: str) -> Workflow:
    check_kept(document)
    workflow = Workflow.objects.create(
        name=document["name"],
        description=document.get("description", ""),
        owner=owner,
        template_key=template_key,
    )
    replace_rows(workflow, document)
    return workflow


def activate(workflow: Workflow, act: Act = NOBODY, *, revision: int | None = None) -> WorkflowVersion:
    """Freeze the rows into a new version, and make it the active one, in one transaction.

    Raises `DefinitionError` with all problems, `NotAllowed`, `PermissionDenied` if the author may not or
    somebody else has to (`second_person`), and `RevisionConflict` if `revision` is not the current one.
    """
    with transaction.atomic():
        _lock(workflow, WorkflowStatus.ACTIVE, revision=revision)
        # The caller may have read the name before another editor changed it.
        workflow.refresh_from_db(fields=["name", "description", "revision", "active_version"])
        document = to_document(workflow)
        checked = validate(document, deleted=deleted_steps(workflow, document))
        if errors := [*checked.problems.errors, *circles(workflow.pk, document)]:
            raise DefinitionError(errors)
        version = WorkflowVersion.objects.create(
            workflow=workflow,
            number=_next_number(workflow),
            document=document,
            types=checked.types,
            note=act.note[:500],
            author=act.user,
        )
        register_types(version.document)
        check(as_of_now(act.user), Operation.ACTIVATE, [version.document])
        second_person.check(workflow, version.document, act)
        before = {"version": workflow.active_version.number if workflow.active_version else None}
        _switch_to(workflow, version, timezone.now())
        after = {"version": version.number, "revision": workflow.revision}
        record(kinds.WORKFLOW_ACTIVATED, act, workflow, before=before, after=after)
    workflow.refresh_from_db()
    return version


def deactivate(workflow: Workflow, act: Act = NOBODY) -> None:
    """Start no more runs. Runs that have started end as they began. Raises `NotAllowed`."""
    with transaction.atomic():
        _lock(workflow, WorkflowStatus.INACTIVE, old=WorkflowStatus.ACTIVE)
        _end_activation(workflow, timezone.now())
        keeping.end(workflow.pk)
        before = (
            Workflow.objects.filter(pk=workflow.pk).values_list("active_version__number", flat=True).get()
        )
        Workflow.objects.filter(pk=workflow.pk).update(active_version=None)
        record(kinds.WORKFLOW_DEACTIVATED, act, workflow, before={"version": before})
    workflow.refresh_from_db()


def archive(workflow: Workflow, act: Act = NOBODY) -> None:
    """Put the workflow away; it can be restored. Raises `NotAllowed` while it is active."""
    with transaction.atomic():
        _lock(workflow, WorkflowStatus.ARCHIVED)
        record(kinds.WORKFLOW_ARCHIVED, act, workflow)
    workflow.refresh_from_db()


def restore(workflow: Workflow, act: Act = NOBODY) -> None:
    """Bring an archived workflow back, inactive. Raises `NotAllowed`."""
    status = WorkflowStatus.INACTIVE if workflow.versions.exists() else WorkflowStatus.DRAFT
    with transaction.atomic():
        _lock(workflow, status, old=WorkflowStatus.ARCHIVED)
        record(kinds.WORKFLOW_RESTORED, act, workflow, after={"status": str(status)})
    workflow.refresh_from_db()


def duplicate(workflow: Workflow, *, owner: Any = None, act: Act = NOBODY) -> Workflow:
    """A new draft with the same rows, named as a copy.

    Raises `NotAllowed` if they were deleted meanwhile, and `SecretInClear`.
    """
    with transaction.atomic():
        # Editors count the revision up before they touch a row, so that none is half done while we read.
        original = Workflow.objects.select_for_update().filter(pk=workflow.pk).first()
        if original is None:
            raise NotAllowed(_("The workflow “%s” does not exist any more.") % workflow.name)
        document = to_document(original)
        refuse_clear(document)
        document["name"] = (_("Copy of %s") % original.name)[:200]
        copy = _create(document, owner, original.template_key)
        record(kinds.WORKFLOW_DUPLICATED, act, copy, after={"of": original.name, "of_id": original.pk})
        return copy


def unpublished_changes(workflow: Workflow, document: Json | None = None) -> bool:
    """Whether the rows, or `document` read from them already, say something else than the active version."""
    if workflow.active_version is None:
        return False
    return (document or to_document(workflow)) != workflow.active_version.document


def _lock(
    workflow: Workflow,
    status: WorkflowStatus,
    *,
    old: WorkflowStatus | None = None,
    revision: int | None = None,
) -> None:
    """The guarded change of state; as an UPDATE it also locks the row until the transaction ends.

    `old` is the one state from which the caller's change makes sense; by default the table decides.
    """
    rows = Workflow.objects.filter(pk=workflow.pk, status__in=[old] if old else WorkflowStatus.before(status))
    if revision is not None:
        rows = rows.filter(revision=revision)
    if rows.update(status=status, updated_at=timezone.now()):
        return
    workflow.refresh_from_db()
    if revision is not None and workflow.revision != revision:
        raise RevisionConflict(
            _("Somebody else has changed the workflow “%s” meanwhile. Look at it again first.")
            % workflow.name
        )
    raise NotAllowed(_not_allowed(workflow))


def _not_allowed(workflow: Workflow) -> str:
    return _("The workflow “%(name)s” is %(status)s, so this cannot be done now.") % {
        "name": workflow.name,
        "status": workflow.get_status_display().lower(),
    }


def _next_number(workflow: Workflow) -> int:
    return (workflow.versions.aggregate(last=Max("number"))["last"] or 0) + 1


def _switch_to(workflow: Workflow, version: WorkflowVersion, now: datetime) -> None:
    _end_activation(workflow, now)
    plan = build(version.document, version.types)
    Activation.objects.bulk_create(
        Activation(
            workflow=workflow,
            version=version,
            source=plan.trigger.source,
            topic=topic,
            livemode=plan.scope.livemode,
            accounts=plan.scope.accounts,
            listed=padded(plan.scope.listed) if plan.scope.listed else "",
            started_at=now.replace(microsecond=0),
        )
        for topic in plan.trigger.topics_for(workflow.pk)
    )
    Workflow.objects.filter(pk=workflow.pk).update(active_version=version)
    keeping.begin(version, plan.trigger, now)


def _end_activation(workflow: Workflow, now: datetime) -> None:
    """End the open interval; empty if the clock was set back to before its start."""
    for activation in Activation.objects.filter(workflow=workflow, ended_at=None):
        activation.ended_at = max(now, activation.started_at)
        activation.save(update_fields=["ended_at"])
