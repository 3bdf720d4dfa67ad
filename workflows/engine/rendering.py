"""From a step's saved inputs to the values that one run sends."""

from typing import Any

from django.utils.translation import get_language

from stripeflow.actions.base import Action
from stripeflow.actions.wording import Text, worded
from stripeflow.workflows.models.failures import Failure, failure
from stripeflow.workflows.references import MissingValue, NameOf, RenderError, TemplateError, parse, render


class InputsError(Exception):
    """An input that cannot be rendered from what the run knows. `field` is the input's name."""

    def __init__(self, *, code: str, field: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.code, self.field, self.message, self.path = code, field, message, path

    def to_json(self) -> Failure:
        return failure(self.code, self.message, details={"field": self.field, "path": self.path})


def rendered_inputs(
    action: Action, inputs: dict[str, Any], scope: dict[str, Any], *, name_of: NameOf
) -> dict[str, Any]:
    """Every input with its references replaced. Raises `InputsError` for the first that cannot be.

    `name_of` gives the names of values for its message; the path stands in its details.
    """
    rendered = {}
    for field in action.inputs:
        raw = inputs.get(field.name)
        if raw is None:
            continue
        try:
            rendered[field.name] = field.map_templates(raw, lambda template: _render(template, scope))
        except MissingValue as error:
            message = _said(field.label, error.sentence(name_of))
            raise InputsError(
                code="missing_value", field=field.name, message=message, path=error.path
            ) from error
        except RenderError as error:
            message = _said(field.label, error.sentence(name_of))
            raise InputsError(code="template", field=field.name, message=message) from error
        except TemplateError as error:
            # The fault is in the definition's own text.
            message = _said(field.label, worded(error.message))
            raise InputsError(code="template", field=field.name, message=message) from error
    return rendered


def _said(label: Text, fault: str) -> str:
    return worded("{label}: {fault}", names={"label": label}, fault=fault)


def _render(template: str, scope: dict[str, Any]) -> Any:
    return render(parse(template), scope, locale=get_language())
