"""The templates that people of this installation have saved, beside those that are code."""

from collections.abc import Mapping
from copy import deepcopy
from functools import partial
from typing import Any

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps
from stripeflow.workflows.models import SavedTemplate
from stripeflow.workflows.models.goal import Goal
from stripeflow.workflows.workflow_templates import parts
from stripeflow.workflows.workflow_templates.base import Parameter, WorkflowTemplate
from stripeflow.workflows.workflow_templates.registry import UnknownTemplate, template, templates

PREFIX = "saved-"
_HELP = {one.kind: one.help_text for one in (parts.APPROVERS, parts.RECIPIENTS)}


def offered() -> tuple[WorkflowTemplate, ...]:
    """Every template: those of the code in their order, then the saved ones by name."""
    return (*templates(), *saved())


def saved() -> tuple[WorkflowTemplate, ...]:
    """The saved ones, by name."""
    return tuple(map(template_of, SavedTemplate.objects.all()))


def found(key: str) -> WorkflowTemplate:
    """The template with this key, of the code or saved. Raises `UnknownTemplate`."""
    return template_of(row_of(key)) if key.startswith(PREFIX) else template(key)


def row_of(key: str) -> SavedTemplate:
    """The row of a saved template. Raises `UnknownTemplate`, also for one that is code."""
    number = key.removeprefix(PREFIX)
    is_number = key.startswith(PREFIX) and number.isascii() and number.isdigit() and len(number) < 10  # noqa: PLR2004  fits the column
    row = SavedTemplate.objects.filter(pk=number).first() if is_number else None
    if row is None:
        raise UnknownTemplate(key)
    return row


def template_of(row: SavedTemplate) -> WorkflowTemplate:
    """A saved template like any other."""
    return WorkflowTemplate(
        key=f"{PREFIX}{row.pk}",
        name=row.name,
        description=row.description,
        why="",
        goal=Goal(row.goal),
        parameters=tuple(
            Parameter(
                name=one["name"],
                label=one["label"],
                kind=one["kind"],
                help_text=_HELP.get(one["kind"], ""),
                default=(),
            )
            for one in row.parameters
        ),
        build=partial(_filled, row),
        left_empty=tuple(row.left_empty),
        saved_as=row.pk,
    )


def _filled(row: SavedTemplate, values: Mapping[str, Any]) -> Json:
    document = deepcopy(row.document)
    wanted = {(key, name): list(values[one["name"]]) for one in row.parameters for key, name in one["places"]}
    for place in steps(document):
        for (key, name), people in wanted.items():
            if place.step["key"] == key:
                place.step["inputs"][name] = people
    return {**document, "description": row.description}
