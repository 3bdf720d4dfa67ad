"""Editing a draft under guard of its revision, with undo and redo."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act
from stripeflow.workflows.audit.definitions import changed_titles
from stripeflow.workflows.audit.kinds import Kind
from stripeflow.workflows.audit.record import Subject, record
from stripeflow.workflows.definition.clear_secrets import values_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.definition.size import size_of, too_large
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.definition.validation import in_clear
from stripeflow.workflows.drafts import edits
from stripeflow.workflows.drafts.rows import replace_rows, to_document
from stripeflow.workflows.models import Edit, Workflow, WorkflowVersion
from stripeflow.workflows.states import WorkflowStatus


class RevisionConflict(Exception):
    """Somebody else has changed the workflow since it was read."""


class NotAllowed(Exception):
    """The workflow's state does not allow it. The message is a sentence for people."""


class SecretInClear(NotAllowed):
    """A value of a secret input, kept in clear by an older version, would come into a draft."""


@contextmanager
def editing(workflow: Workflow, *, revision: int, act: Act = NOBODY) -> Iterator[None]:
    """A transaction that changes the rows of `workflow`, counts its revision up, and can be undone.

    Raises `RevisionConflict` if `revision`, the one that the editor has seen, is not the current one,
    and `NotAllowed` if the workflow is archived, has become too large, or would hold a new secret in clear.
    """
    with transaction.atomic():
        _count_up(workflow, revision)
        before = _stored_document(workflow)
        yield
        after = _stored_document(workflow)
        if after != before:
            _check_growth(before, after)
            refuse_clear(after, but=before)
            edits.push(workflow, before)
        _record_edit(kinds.WORKFLOW_EDITED, act, workflow, before, after)


def update(workflow: Workflow, document: Json, *, revision: int, act: Act = NOBODY) -> None:
    """Replace the rows by those of `document`. Raises as `editing`, and `DefinitionError`."""
    check_kept(document)
    with editing(workflow, revision=revision, act=act):
        _write(workflow, document)
    workflow.refresh_from_db()


def go_back(workflow: Workflow, version: WorkflowVersion, *, revision: int, act: Act = NOBODY) -> None:
    """Make the rows again what `version` says. Raises as `update`, and `SecretInClear`."""
    refuse_clear(version.document)
    update(workflow, version.document, revision=revision, act=act)


def undo(workflow: Workflow, *, revision: int, act: Act = NOBODY) -> None:
    """Take back the last change that is not undone. Raises as `editing`, and `DefinitionError`."""
    nothing = _("There is nothing to undo.")
    _turn(workflow, edits.last_done, kinds.WORKFLOW_UNDONE, act, revision=revision, nothing=nothing)


def redo(workflow: Workflow, *, revision: int, act: Act = NOBODY) -> None:
    """Make the change again that was undone last. Raises as `undo`."""
    nothing = _("There is nothing to redo: nothing was undone, or something else was changed since.")
    _turn(workflow, edits.first_undone, kinds.WORKFLOW_REDONE, act, revision=revision, nothing=nothing)


def _turn(
    workflow: Workflow,
    find: Callable[[Workflow], Edit | None],
    kind: Kind,
    act: Act,
    *,
    revision: int,
    nothing: str,
) -> None:
    with transaction.atomic():
        edit = find(workflow)
        if edit is None:
            raise NotAllowed(nothing)
        check_structure(edit.document)
        refuse_clear(edit.document)
        # A caller with this revision has read the current stack: nothing has changed since.
        _count_up(workflow, revision)
        before = _stored_document(workflow)
        edits.turn(edit, before)
        _write(workflow, edit.document)
        _record_edit(kind, act, workflow, before, edit.document)
    workflow.refresh_from_db()


def check_kept(document: Json) -> None:
    """Raise `DefinitionError` for what is not kept even as a draft: a wrong structure, a secret's value."""
    check_structure(document)
    if problems := in_clear(document):
        raise DefinitionError(problems)


def refuse_clear(document: Json, *, but: Json | None = None) -> None:
    """Raise `SecretInClear` if a document holds a secret's value, `but` for what that one holds already.

    Where it was kept by an older version: a new one is refused whole, as a `DefinitionError`.
    """
    known = values_in(but) if but else {}
    for place, value in values_in(document).items():
        if known.get(place) == value:
            continue
        message = _(
            "The step “%s” would hold the value of a secret in clear, which an older version kept. Have "
            "“manage.py stripeflow_secrets adopt” run, which moves it into a secret, and try again."
        )
        raise SecretInClear(message % title_in(document, place[0]))


def _check_growth(before: Json, after: Json) -> None:
    """Raise `NotAllowed` if a draft above the limits grows. An older one, made under others, may shrink."""
    size = size_of(after)
    if size.grown_from(size_of(before)):
        raise NotAllowed(" ".join(problem.message for problem in too_large(size)))


def _count_up(workflow: Workflow, revision: int) -> None:
    landed = (
        Workflow.objects.current()
        .filter(pk=workflow.pk, revision=revision)
        .update(revision=F("revision") + 1, updated_at=timezone.now())
    )
    if landed:
        workflow.revision = revision + 1
        return
    current = Workflow.objects.values_list("status", flat=True).get(pk=workflow.pk)
    if current == WorkflowStatus.ARCHIVED:
        raise NotAllowed(_("The workflow is archived. Restore it before you change it."))
    raise RevisionConflict(
        _("Somebody else has changed the workflow “%s” meanwhile. Load it again, and repeat your change.")
        % workflow.name
    )


def _stored_document(workflow: Workflow) -> Json:
    """What the rows say. The caller's own copy may bear what it is about to save."""
    return to_document(Workflow.objects.get(pk=workflow.pk))


def _write(workflow: Workflow, document: Json) -> None:
    Workflow.objects.filter(pk=workflow.pk).update(
        name=document["name"], description=document.get("description", ""), updated_at=timezone.now()
    )
    replace_rows(workflow, document)


def _record_edit(kind: Kind, act: Act, workflow: Workflow, before: Json, after: Json) -> None:
    """By the name that it has now: the caller's own copy may bear another one."""
    subject = Subject("workflow", str(workflow.pk), after["name"], workflow.pk)
    record(
        kind,
        act,
        subject,
        before={"revision": workflow.revision - 1},
        after={"revision": workflow.revision, "changed": changed_titles(before, after)},
    )
