"""Which actions there are. Each installed app may register its own in a `stripeflow_actions.py`."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TypeVar

from stripeflow.actions.base import Action

ActionClass = TypeVar("ActionClass", bound=type[Action])

_actions: dict[str, Action] = {}


class UnknownAction(LookupError):
    """No installed app registers this key; a saved step may still have it."""

    def __init__(self, key: str) -> None:
        super().__init__(f"The action “{key}” is not installed.")
        self.key = key


class DuplicateAction(ValueError):
    """Two classes claim the same key."""


def register(action_class: ActionClass) -> ActionClass:
    """Register an action class; for use as a decorator.

    Raises DuplicateAction, or ImproperlyConfigured if the class is incomplete.
    """
    action_class.check_declaration()
    if action_class.key in _actions:
        other = type(_actions[action_class.key]).__qualname__
        raise DuplicateAction(f"{action_class.__qualname__} and {other} share the key {action_class.key!r}.")
    _actions[action_class.key] = action_class()
    return action_class


def get(key: str) -> Action:
    """Return the action with this key. Raises UnknownAction."""
    action = find(key)
    if action is None:
        raise UnknownAction(key)
    return action


def find(key: str) -> Action | None:
    """Return the action with this key, or None if it is not installed."""
    return _actions.get(key)


def moves_money(key: str) -> bool:
    """Whether the action with this key moves money. One that is not installed here may do so elsewhere."""
    action = find(key)
    return action is None or action.moves_money


def is_destructive(key: str) -> bool:
    """Whether the action with this key destroys. One that is not installed here may do so elsewhere."""
    action = find(key)
    return action is None or action.destructive


def changes_customers(key: str) -> bool:
    """Whether the action with this key changes customers. One that is not installed here may do so."""
    action = find(key)
    return action is None or action.changes_customers


def all() -> tuple[Action, ...]:  # noqa: A001
    """Return every action, by category and label."""
    return tuple(sorted(_actions.values(), key=lambda action: (str(action.category), str(action.label))))


@contextmanager
def temporarily(action_class: type[Action]) -> Iterator[Action]:
    """Register an action for the length of a test, replacing one with the same key."""
    replaced = _actions.pop(action_class.key, None)
    try:
        register(action_class)
        yield _actions[action_class.key]
    finally:
        _actions.pop(action_class.key, None)
        if replaced is not None:
            _actions[action_class.key] = replaced
