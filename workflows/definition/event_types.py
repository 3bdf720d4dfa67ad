"""The event types of a trigger: a document names one as a text, and several as a list."""

from collections.abc import Sequence

EventTypes = str | Sequence[str]


def event_types_of(given: EventTypes) -> tuple[str, ...]:
    """All of them; none as long as nobody has chosen one."""
    if isinstance(given, str):
        return (given,) if given else ()
    return tuple(given)


def written(event_types: Sequence[str]) -> str | list[str]:
    """The same as it stands in a document; one is a text, as it has always been."""
    if len(event_types) > 1:
        return list(event_types)
    return event_types[0] if event_types else ""
