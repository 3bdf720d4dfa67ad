"""Putting steps into their places: insert, move, renumber, and keys that nothing else has.

Callers hold `drafts.editing.editing`.
"""

import re
from collections.abc import Container, Iterable

from django.db.models import QuerySet
from django.utils.text import slugify

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.definition.choices import ERROR_BRANCH_KEY, OnError
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.step_references import steps_used
from stripeflow.workflows.definition.titles import step_title
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Branch, Condition, Step, Workflow

_LONGEST = 50


def free_key(text: str, taken: Container[str], *, fallback: str) -> str:
    """A key made from `text` ("Retrieve a charge" gives "retrieve_a_charge") that is not in `taken`."""
    base = re.sub(r"[^a-z0-9]+", "_", slugify(text)).strip("_")[:_LONGEST].strip("_")
    if not base or not base[0].isalpha():
        base = f"{fallback}_{base}".strip("_")
    number, key = 1, base
    while key in taken:
        number += 1
        key = f"{base}_{number}"
    return key


def step_keys(workflow: Workflow) -> set[str]:
    """The keys of all steps of the workflow."""
    return set(Step.objects.filter(workflow=workflow).values_list("key", flat=True))


def siblings(workflow: Workflow, branch: Branch | int | None) -> QuerySet[Step]:
    """The steps of one level, in their order."""
    return Step.objects.filter(workflow=workflow, branch=branch)


def insert(step: Step, position: int) -> None:
    """Save a new step as number `position` (from 0) of its level; beyond the end it becomes the last."""
    others = list(siblings(step.workflow, step.branch_id))
    step.save()
    others.insert(position, step)
    renumber(others)


def move(step: Step, by: int) -> bool:
    """Move a step up (-1) or down (1) within its level; whether there was room to."""
    others = list(siblings(step.workflow, step.branch_id))
    here = next(number for number, other in enumerate(others) if other.pk == step.pk)
    there = here + by
    if not 0 <= there < len(others):
        return False
    others[here], others[there] = others[there], others[here]
    renumber(others)
    return True


def add_block(workflow: Workflow, branch: Branch | None, position: int, kind: str) -> Step:
    """A new step of a kind, with the lanes that a new one has."""
    key = free_key(kind, step_keys(workflow), fallback="step")
    step = Step(workflow=workflow, branch=branch, kind=kind, key=key)
    insert(step, position)
    for number, lane in enumerate(kinds.named(kind).new_lanes):
        Branch.objects.create(step=step, position=number, key=lane.key, otherwise=lane.otherwise)
    return step


def remove(step: Step) -> None:
    """Delete a step with all that is inside it."""
    workflow, branch = step.workflow, step.branch_id
    step.delete()
    renumber(siblings(workflow, branch))


def renumber(rows: Iterable[Step | Branch | Condition]) -> None:
    """Give `rows` the positions 0, 1, 2, … in the order in which they come."""
    for position, row in enumerate(rows):
        if row.position != position:
            type(row).objects.filter(pk=row.pk).update(position=position)


def title_of(step: Step) -> str:
    """A step as people know it: its name, or its action's label."""
    return step_title(head_of(step))


def head_of(step: Step) -> Json:
    """What a document says of a step, as far as it takes to name it."""
    return {"key": step.key, "type": step.kind, "name": step.name, "action": step.action}


def add_branch(step: Step) -> Branch:
    """One more branch with conditions, before “All other cases”."""
    taken = set(step.branches.values_list("key", flat=True))
    ways = list(step.branches.filter(otherwise=False))
    key = free_key(f"branch_{len(ways) + 1}", taken, fallback="branch")
    way = Branch.objects.create(step=step, position=len(ways), key=key)
    renumber([*ways, way, *step.branches.filter(otherwise=True)])
    return way


def match_error_branch(step: Step) -> None:
    """Give an action step the error branch that its choice asks for, or take an unused one away.

    One that has steps stays: call `error_branch_steps` before you change the choice.
    """
    rows = Branch.objects.filter(step=step, on_error=True)
    if step.on_error != OnError.BRANCH:
        rows.filter(steps=None).delete()
    elif not rows.exists():
        Branch.objects.create(step=step, key=ERROR_BRANCH_KEY, on_error=True)


def error_branch_steps(step: Step) -> QuerySet[Step]:
    """The steps of an action step's error branch, on its first level."""
    return Step.objects.filter(branch__step=step, branch__on_error=True)


def steps_within(step: Step) -> list[Step]:
    """The steps inside the branches of a step, to any depth."""
    found, level = [], [step]
    while level:
        level = list(Step.objects.filter(branch__step__in=level))
        found += level
    return found


def users_of(step: Step) -> list[Step]:
    """The steps whose inputs, or whose branches' conditions, name this one or to a step inside it.

    In reading order.
    """
    gone = {step.key, *(row.key for row in steps_within(step))}
    others = (place.step for place in steps(to_document(step.workflow)) if place.step["key"] not in gone)
    users = [other["key"] for other in others if not gone.isdisjoint(steps_used(other))]
    rows = {row.key: row for row in Step.objects.filter(workflow=step.workflow, key__in=users)}
    return [rows[key] for key in users]
