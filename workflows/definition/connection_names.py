"""Connections as steps name them: which ones a definition uses, and what is wrong with these."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from stripeflow.actions import registry
from stripeflow.actions.base import Action
from stripeflow.actions.named_secrets import is_name
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.walk import steps


@dataclass(frozen=True)
class Known:
    """What is stored of a connection. `fault` says why no call can be made by it, as a sentence, or ""."""

    title: str
    kind: str
    fault: str = ""


# Returns what is stored under these names. Until `set_stored` is called, nothing is.
_stored: Callable[[set[str]], Mapping[str, Known]] = lambda names: {}  # noqa: E731


def set_stored(answer: Callable[[set[str]], Mapping[str, Known]]) -> None:
    """Have `answer` say which connections are stored: a definition itself reads no row."""
    global _stored
    _stored = answer


def stored(names: Iterable[str]) -> Mapping[str, Known]:
    """What is stored under these names; a name without a connection is missing."""
    wanted = set(names)
    return _stored(wanted) if wanted else {}


def named_in(action: Action | None, inputs: Mapping[str, Any] | None) -> dict[str, str]:
    """The inputs of a step that name a connection, each with the connection's name.

    Of an action that is not installed here any input may be one, since workers may have it.
    """
    if not inputs:
        return {}
    if action is None:
        return {name: raw for name, raw in inputs.items() if isinstance(raw, str) and is_name(raw)}
    found = {one.name: one.connection_in(inputs.get(one.name)) for one in action.inputs}
    return {name: connection for name, connection in found.items() if connection}


def places_in(document: Json) -> Iterator[tuple[Json, str]]:
    """Each step of a definition with the name of a connection that it uses."""
    for place in steps(document):
        action = registry.find(place.step.get("action", ""))
        for name in named_in(action, place.step.get("inputs")).values():
            yield place.step, name


def names_in(document: Json) -> set[str]:
    """The names of all connections that a definition may use."""
    return {name for _step, name in places_in(document)}


def of_installed(document: Json) -> Iterator[tuple[Json, str]]:
    """The same as `places_in`, of actions that are installed here."""
    installed = (one for one in places_in(document) if registry.find(one[0].get("action", "")) is not None)
    yield from installed


def uses_connections(document: Json) -> bool:
    """Whether any step of installed actions names a connection. What is not installed is guarded anyway."""
    return any(True for _one in of_installed(document))
