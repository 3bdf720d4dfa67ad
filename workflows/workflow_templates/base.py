from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stripeflow.actions.wording import Text
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.drafts.new_scope import new_scope

# What a parameter may be: a list of user names, or `{"amount": <minor units>, "currency"}`.
PARAMETER_KINDS = ("team_members", "money")


@dataclass(frozen=True)
class Parameter:
    """Something a person fills in when making a workflow from a template.

    `kind` is one of `PARAMETER_KINDS`.
    """

    name: str
    label: Text
    kind: str
    help_text: Text = ""
    default: Any = None


@dataclass(frozen=True)
class WorkflowTemplate:
    """A workflow that is ready but for its parameters."""

    key: str
    name: Text
    description: Text
    why: Text
    parameters: tuple[Parameter, ...]
    build: Callable[[Mapping[str, Any]], Json]

    def document(self, values: Mapping[str, Any] | None = None) -> Json:
        """The definition, with `values` for the parameters; others keep their defaults.

        Raises `KeyError` for a parameter that the template does not have.
        """
        given = dict(values or {})
        known = {parameter.name: parameter.default for parameter in self.parameters}
        if unknown := given.keys() - known.keys():
            raise KeyError(f"The template {self.key} has no parameter {sorted(unknown)[0]!r}.")
        document = self.build(
            {**known, **{name: value for name, value in given.items() if value is not None}}
        )
        trigger = {"scope": new_scope().to_json(), **document["trigger"]}
        return {
            "format": 1,
            "name": str(self.name),
            "description": str(self.why),
            **document,
            "trigger": trigger,
        }
