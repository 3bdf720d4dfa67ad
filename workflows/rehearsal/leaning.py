"""Which earlier steps a condition or an input is made of."""

from collections.abc import Iterator
from typing import Any

from stripeflow.actions.base import Action
from stripeflow.workflows import conditions
from stripeflow.workflows.references import Path, TemplateError, parse


def keys_in_conditions(node: conditions.Node) -> frozenset[str]:
    """The keys of the steps whose outputs the conditions look at."""
    return frozenset(_step_keys(_paths(node)))


def keys_in_input(action: Action, name: str, raw: Any) -> frozenset[str]:
    """The keys of the steps whose outputs one input refers to."""
    found: set[str] = set()
    for _path, text in action.input(name).templates(raw):
        found.update(_step_keys(_references(text)))
    return frozenset(found)


def notices_absence(node: conditions.Node, keys: frozenset[str]) -> bool:
    """Whether a test on one of these steps can be decided by a value's absence."""
    if isinstance(node, conditions.Test):
        operator = conditions.OPERATORS.get(node.operator)
        sees_missing = operator is not None and operator.sees_missing
        return sees_missing and not keys.isdisjoint(keys_in_conditions(node))
    return any(notices_absence(child, keys) for child in node.conditions)


def _paths(node: conditions.Node) -> Iterator[Path]:
    if not isinstance(node, conditions.Group) and node.field:
        yield node.path
    if isinstance(node, conditions.Test):
        yield from filter(None, (node.currency_path, node.value_path, node.value_currency_path))
        return
    for child in node.conditions:
        yield from _paths(child)


def _references(text: str) -> Iterator[Path]:
    try:
        template = parse(text)
    except TemplateError:
        return
    for reference in template.references:
        yield from reference.paths


def _step_keys(paths: Iterator[Path]) -> Iterator[str]:
    return (str(path[1]) for path in paths if len(path) > 1 and path[0] == "steps")
