"""Which earlier steps a condition or an input depends on."""

from typing import Any

from stripeflow.actions.base import Action
from stripeflow.workflows import conditions
from stripeflow.workflows.definition.step_references import paths_in_conditions, paths_in_texts, steps_named


def keys_in_conditions(node: conditions.Node) -> frozenset[str]:
    """The keys of the steps whose outputs the conditions read."""
    return steps_named(paths_in_conditions({"conditions": [conditions.dump(node)]}))


def keys_in_input(action: Action, name: str, raw: Any) -> frozenset[str]:
    """The keys of the steps whose outputs one input refers to."""
    return steps_named(paths_in_texts(text for _path, text in action.input(name).templates(raw)))


def notices_absence(node: conditions.Node, keys: frozenset[str]) -> bool:
    """Whether a missing value could decide a test on one of these steps."""
    if isinstance(node, conditions.Test):
        operator = conditions.OPERATORS.get(node.operator)
        sees_missing = operator is not None and operator.sees_missing
        return sees_missing and not keys.isdisjoint(keys_in_conditions(node))
    return any(notices_absence(child, keys) for child in node.conditions)
