"""From a step's saved inputs to the values that one run sends."""

from typing import Any

from django.utils.translation import get_language

from actions.base import Action
from workflows.references import MissingValue, NameOf, RenderError, TemplateError, parse, render


class InputsError(Exception):
    """An input that can not be made from what the run knows. `field` is the input's name."""

    def __init__(self, *, code: str, field: str, message: str, path: str = "") -> None:
        super().__init__(message)
        self.code, self.field, self.message, self.path = code, field, message, path

    def to_json(self) -> dict[str, str]:
        details = {"field": self.field, "path": self.path}
        return {"code": self.code, "message": self.message, "details": details}


def rendered_inputs(
    action: Action, inputs: dict[str, Any], scope: dict[str, Any], *, name_of: NameOf
) -> dict[str, Any]:
    """Every input with its references replaced. Raises `InputsError` for the first that can not be.

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
            message = f"{field.label}: {error.told(name_of)}"
            raise InputsError(
                code="missing_value", field=field.name, message=message, path=error.path
            ) from error
        except RenderError as error:
            message = f"{field.label}: {error.told(name_of)}"
            raise InputsError(code="template", field=field.name, message=message) from error
        except TemplateError as error:
            raise InputsError(code="template", field=field.name, message=f"{field.label}: {error}") from error
    return rendered


def _render(template: str, scope: dict[str, Any]) -> Any:
    return render(parse(template), scope, locale=get_language())
