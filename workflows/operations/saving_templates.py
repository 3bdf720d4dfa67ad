"""Saves a workflow as a template of this installation; renames and deletes one. Each leaves its audit row."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from stripeflow.actions.inputs.text import shortened
from stripeflow.workflows import permissions
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.audit.record import record
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.drafts.editing import check_kept
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import SavedTemplate, Workflow
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.models.saved_template import MAX_DESCRIPTION, MAX_NAME
from stripeflow.workflows.workflow_templates.opening import Opened, opened, without_names

# How many an installation may have: the gallery draws all of them.
MOST = 200


@dataclass(frozen=True)
class Called:
    """What a saved template is called, and which group of the gallery it is in."""

    name: str
    description: str = ""
    goal: str = Goal.TELL.value

    @classmethod
    def after(cls, workflow: Workflow) -> "Called":
        """What a workflow's own name and description say, without what names somebody."""
        name, description = map(without_names, (workflow.name, workflow.description))
        return cls(name or _("Template"), shortened(description, MAX_DESCRIPTION))


def opened_draft(workflow: Workflow) -> Opened:
    """What the draft would be as a template. Raises `NotPossible` if it cannot be one."""
    found = opened(to_document(workflow))
    try:
        check_kept({"format": 1, "name": workflow.name, **found.document, "trigger": _whole(found)})
    except DefinitionError as error:
        message = _("“%(workflow)s” cannot be saved as a template as it is now. %(problems)s")
        problems = " ".join(one.message for one in error.problems[:3])
        raise NotPossible(message % {"workflow": workflow.name, "problems": problems}) from error
    return found


def _whole(found: Opened) -> dict[str, object]:
    """The trigger with the mode that a new workflow gets."""
    trigger = found.document["trigger"]
    return {**trigger, "scope": {"mode": "test", "accounts": "own", **trigger.get("scope", {})}}


def save(workflow: Workflow, called: Called, act: Act) -> SavedTemplate:
    """Save the draft as a new template. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_save_templates)
    with transaction.atomic():
        found = opened_draft(workflow)
        _check_called(called)
        if SavedTemplate.objects.count() >= MOST:
            raise NotPossible(_("There are %d saved templates. Delete one first.") % MOST)
        parameters = [{key: one[key] for key in one if key != "named"} for one in found.parameters]
        made = _written(
            SavedTemplate(
                **vars(called),
                document=found.document,
                parameters=parameters,
                left_empty=found.left_empty,
                created_by=act.user if getattr(act.user, "is_authenticated", False) else None,
            )
        )
        record(kinds.TEMPLATE_SAVED, act, made, after={"workflow": workflow.pk, "goal": made.goal})
    return made


def rename(row: SavedTemplate, called: Called, act: Act) -> SavedTemplate:
    """Change what it is called. What it does stays. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_change_templates)
    _check_called(called)
    with transaction.atomic():
        current = SavedTemplate.objects.select_for_update().filter(pk=row.pk).first()
        if current is None:
            raise _gone(row)
        before = {name: getattr(current, name) for name in vars(called)}
        if before == vars(called):
            return current
        for name, value in vars(called).items():
            setattr(current, name, value)
        _written(current)
        record(kinds.TEMPLATE_RENAMED, act, current, before=before, after=vars(called))
    return current


def delete(row: SavedTemplate, act: Act) -> None:
    """Delete it. The workflows that were made of it stay. Raises `NotPossible` and `PermissionDenied`."""
    _check(act, permissions.may_delete_templates)
    with transaction.atomic():
        current = SavedTemplate.objects.select_for_update().filter(pk=row.pk).first()
        if current is None:
            raise _gone(row)
        record(kinds.TEMPLATE_DELETED, act, current)
        current.delete()


def _written(row: SavedTemplate) -> SavedTemplate:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise NotPossible(_("There is a saved template “%s”. Choose another name.") % row.name) from error
    return row


def _check_called(called: Called) -> None:
    if not called.name.strip() or len(called.name) > MAX_NAME:
        raise NotPossible(_("A template needs a name of at most %d characters.") % MAX_NAME)
    if len(called.description) > MAX_DESCRIPTION:
        raise NotPossible(_("The description may have at most %d characters.") % MAX_DESCRIPTION)
    if called.goal not in Goal.values:
        raise NotPossible(_("Choose one of these goals: %s.") % ", ".join(Goal.values))


def _check(act: Act, may: Callable[[Any], bool]) -> None:
    """The command line, which has no user, may."""
    if act.user is not None and not may(act.user):
        raise PermissionDenied


def _gone(row: SavedTemplate) -> NotPossible:
    return NotPossible(_("“%s” was deleted in the meantime.") % row.name)
