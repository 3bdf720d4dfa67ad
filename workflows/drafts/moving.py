"""Steps that change their place, or come in from elsewhere, with all that is inside them.

Callers hold `drafts.editing.editing`, and check the structure of the whole afterwards (`check_limits`).
"""

from django.utils.translation import gettext as _

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.drafts.arrange import renumber, siblings, step_keys, title_of
from stripeflow.workflows.drafts.copying import step_of, with_fresh_keys
from stripeflow.workflows.drafts.rows import to_document, write_steps
from stripeflow.workflows.models import Branch, Step, Workflow


class InsideItself(Exception):
    """A step was to be moved into one of its own branches."""


def relocate(step: Step, *, branch: Branch | None, position: int) -> None:
    """Move `step` to be number `position` of a level, counted (from 0) as the level is before the move.

    `branch` is the branch that is to hold it, or None for the top level. Raises `InsideItself`.
    """
    if any(holder.pk == step.pk for holder in _holders(branch)):
        raise InsideItself(step.key)
    old = step.branch_id
    level = list(siblings(step.workflow, branch))
    behind = [other for other in level[position:] if other.pk != step.pk]
    ahead = [other for other in level[:position] if other.pk != step.pk]
    step.branch = branch
    step.save(update_fields=["branch"])
    renumber([*ahead, step, *behind])
    if old != step.branch_id:
        renumber(siblings(step.workflow, old))


def insert_copy(workflow: Workflow, step: Json, *, branch: Branch | None, position: int) -> Step:
    """Add a step from a document, under keys that are free, as number `position` (from 0) of a level."""
    level = list(siblings(workflow, branch))
    fresh = with_fresh_keys(step, step_keys(workflow))
    [row] = write_steps(workflow, [fresh], branch=branch, start=len(level))
    renumber([*level[:position], row, *level[position:]])
    return row


def duplicate(step: Step) -> Step:
    """A copy of an action step, right behind it, with what is inside it, under keys of their own."""
    source = step_of(to_document(step.workflow), step.key)
    source["name"] = (_("%s (copy)") % title_of(step))[:200]
    level = [other.pk for other in siblings(step.workflow, step.branch_id)]
    return insert_copy(step.workflow, source, branch=step.branch, position=level.index(step.pk) + 1)


def check_limits(workflow: Workflow) -> None:
    """Raise `DefinitionError` if the workflow has more, or more deeply nested, steps than format 1 has."""
    check_structure(to_document(workflow))


def _holders(branch: Branch | None) -> list[Step]:
    """The steps around `branch`, from the inside out."""
    found = []
    while branch is not None:
        found.append(branch.step)
        branch = branch.step.branch
    return found
