"""Secrets as steps name them: which ones a definition uses, and which of these are missing."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.actions.named_secrets import name_in
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps

# Returns which of these names are stored. Until `set_stored` is called, every secret is missing.
_stored: Callable[[set[str]], set[str]] = lambda names: set()  # noqa: E731


def set_stored(answer: Callable[[set[str]], set[str]]) -> None:
    """Have `answer` say which secrets are stored: a definition itself reads no row."""
    global _stored
    _stored = answer


def missing(names: Iterable[str]) -> set[str]:
    """Those of the names that no secret has."""
    wanted = set(names)
    return wanted - _stored(wanted) if wanted else set()


def named_in(action: Action | None, inputs: Mapping[str, Any] | None) -> dict[str, str]:
    """The inputs of a step that name a secret, each with the secret's name.

    Of an action that is not installed here any input may be one, since workers may have it.
    """
    if not inputs:
        return {}
    secret = inputs if action is None else [field.name for field in action.inputs if field.secret]
    found = {name: name_in(inputs.get(name)) for name in secret}
    return {name: secret for name, secret in found.items() if secret}


def names_in(document: Json) -> set[str]:
    """The names of all secrets that a definition uses."""
    found: set[str] = set()
    for place in steps(document):
        action = registry.find(place.step.get("action", ""))
        found.update(named_in(action, place.step.get("inputs")).values())
    return found
