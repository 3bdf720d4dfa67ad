"""Which workflow templates there are. Installed apps register their own in a `stripeflow_templates.py`."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured, ValidationError
from django.core.validators import validate_slug
from django.utils.module_loading import autodiscover_modules

from stripeflow.workflows.workflow_templates.base import WorkflowTemplate
from stripeflow.workflows.workflow_templates.parameter_kinds import KINDS

_templates: dict[str, WorkflowTemplate] = {}


class UnknownTemplate(LookupError):
    """No template has this key."""


class DuplicateTemplate(ValueError):
    """Two templates claim the same key."""


def register(made: WorkflowTemplate) -> WorkflowTemplate:
    """Register a template; the gallery shows it after those that were registered before.

    Raises `DuplicateTemplate`, or `ImproperlyConfigured` if no address or form can be made of it.
    """
    _check(made)
    if made.key in _templates:
        raise DuplicateTemplate(f"Two workflow templates share the key {made.key!r}.")
    _templates[made.key] = made
    return made


def templates() -> tuple[WorkflowTemplate, ...]:
    """Every template, in the order in which the gallery shows them."""
    return tuple(_templates.values())


def template(key: str) -> WorkflowTemplate:
    """The template with this key. Raises `UnknownTemplate`."""
    if key not in _templates:
        raise UnknownTemplate(key)
    return _templates[key]


@contextmanager
def temporarily(made: WorkflowTemplate) -> Iterator[WorkflowTemplate]:
    """Register a template for the length of a test."""
    register(made)
    try:
        yield made
    finally:
        del _templates[made.key]


def autodiscover() -> None:
    """Register our templates, then those of installed apps."""
    from stripeflow.workflows.workflow_templates.ours import OURS

    for one in OURS:
        if one.key not in _templates:
            register(one)
    autodiscover_modules("stripeflow_templates")


def _check(made: WorkflowTemplate) -> None:
    try:
        validate_slug(made.key)
    except ValidationError as error:
        raise ImproperlyConfigured(f"The key of a workflow template is no slug: {made.key!r}.") from error
    for parameter in made.parameters:
        if parameter.kind not in KINDS:
            known = ", ".join(KINDS)
            raise ImproperlyConfigured(
                f"The parameter {parameter.name!r} of the workflow template {made.key!r} has the kind "
                f"{parameter.kind!r}, and may have: {known}."
            )
