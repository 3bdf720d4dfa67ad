"""What references and conditions of a run see: the event, the object it is about, what its steps gave."""

from collections.abc import Mapping
from typing import Any, Protocol, Self


class Happening(Protocol):
    """An event, stored or not: its payload, and the object that it is about."""

    @property
    def object(self) -> dict[str, Any]: ...

    @property
    def payload(self) -> dict[str, Any]: ...


class Scope(dict[str, Any]):
    """The values by their roots, as `resolve` reads them; see `paths.ROOTS`."""

    @classmethod
    def of_event(cls, event: Happening, *, steps: Mapping[str, Any] | None = None) -> Self:
        """What `event` brings. `steps` is what each step gave, by its key; none by default."""
        return cls(trigger=event.object, event=event.payload, steps=dict(steps or {}))

    def note(self, step: str, value: Any) -> None:  # noqa: ANN401  any JSON value
        """From now on `steps.<step>` is `value`."""
        self["steps"][step] = value

    def with_item(self, item: Any) -> Self:  # noqa: ANN401  any JSON value
        """A copy in which `item` is this one; what steps give there stays there."""
        return type(self)({**self, "steps": dict(self["steps"]), "item": item})
