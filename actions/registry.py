"""Which actions there are. Each installed app may register its own in a `stripeflow_actions.py`.

A class is registered. A provider makes many actions alike, each when it is first asked for.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Protocol, TypeVar

from stripeflow.actions.base import Action
from stripeflow.actions.offers import Offer

ActionClass = TypeVar("ActionClass", bound=type[Action])

_actions: dict[str, Action] = {}
_providers: list["Provider"] = []


class Provider(Protocol):
    """Makes actions on demand, such as one for each operation of an SDK. It keeps those that it has made."""

    def find(self, key: str) -> Action | None:
        """Return the action with this key, or None if it is not among the provider's. Has to be quick."""

    def offers(self) -> tuple[Offer, ...]:
        """Return what a gallery shows of each of its actions, without making it."""


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


def provide(provider: Provider) -> None:
    """Register a provider. An action that is registered by itself comes first."""
    _providers.append(provider)


def get(key: str) -> Action:
    """Return the action with this key. Raises UnknownAction."""
    action = find(key)
    if action is None:
        raise UnknownAction(key)
    return action


def find(key: str) -> Action | None:
    """Return the action with this key, or None if it is not installed."""
    if (action := _actions.get(key)) is not None:
        return action
    made = (provider.find(key) for provider in _providers)
    return next((action for action in made if action is not None), None)


def find_for(key: str, inputs: Mapping[str, Any]) -> Action | None:
    """Return the action of a step with these inputs, raw or rendered; None if it is not installed."""
    action = find(key)
    return None if action is None else action.for_inputs(inputs)


def is_made(key: str) -> bool:
    """Whether a provider makes the action with this key."""
    return key not in _actions and find(key) is not None


def moves_money(key: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the action with these inputs moves money. One that is not installed here may do so."""
    action = find_for(key, inputs)
    return action is None or action.moves_money


def is_destructive(key: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the action with these inputs destroys. One that is not installed here may do so."""
    action = find_for(key, inputs)
    return action is None or action.destructive


def changes_customers(key: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the action with these inputs changes customers. One that is not installed here may do so."""
    action = find_for(key, inputs)
    return action is None or action.changes_customers


def writes_to_customers(key: str, inputs: Mapping[str, Any]) -> bool:
    """Whether the action with these inputs writes to customers. One that is not installed here may do so."""
    action = find_for(key, inputs)
    return action is None or action.writes_to_customers


def all() -> tuple[Action, ...]:  # noqa: A001
    """Return every action that is registered by itself, by category and label; none of the providers'."""
    return tuple(sorted(_actions.values(), key=lambda action: (str(action.category), str(action.label))))


def offers() -> tuple[Offer, ...]:
    """Return every action as a gallery shows it, those of providers among them, by category and label."""
    own = [Offer.of(action) for action in _actions.values()]
    made = [one for provider in _providers for one in provider.offers() if one.key not in _actions]
    return tuple(sorted([*own, *made], key=lambda one: (str(one.category), str(one.label))))


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
