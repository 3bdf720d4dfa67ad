from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from stripeflow.actions.wording import Text
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.drafts.new_scope import new_scope
from stripeflow.workflows.models.goal import Goal


@dataclass(frozen=True)
class Parameter:
    """Something a person fills in when making a workflow from a template.

    `kind` is a key of `parameter_kinds.KINDS`.
    """

    name: str
    label: Text
    kind: str
    help_text: Text = ""
    default: Any = None


@dataclass(frozen=True)
class WorkflowTemplate:
    """A workflow that is ready but for its parameters.

    The gallery shows it under its `goal`. `build` makes the document of a value for each parameter.
    """

    key: str
    name: Text
    description: Text
    why: Text
    parameters: tuple[Parameter, ...]
    build: Callable[[Mapping[str, Any]], Json]
    goal: Goal = Goal.TELL
    # Of a saved one: what has to be filled in afterwards, and its row's ID.
    left_empty: tuple[str, ...] = ()
    saved_as: int | None = None

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
        trigger = _with_scope(document["trigger"])
        return {
            "format": 1,
            "name": str(self.name),
            "description": str(self.why),
            **document,
            "trigger": trigger,
        }


def _with_scope(trigger: Json) -> Json:
    """The trigger with a new workflow's mode, and its accounts unless it names them."""
    return {**trigger, "scope": {**new_scope().to_json(), **trigger.get("scope", {})}}
