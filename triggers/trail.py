"""Where commands of this app report what they did: to a recorder that `workflows` registers."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True)
class Done:
    """What a command did: a kind that the recorder knows, on which object, and a few numbers and names."""

    kind: str
    object_kind: str = ""
    object_id: str = ""
    facts: Mapping[str, str | int | bool | None] = field(default_factory=dict)


class Recorder(Protocol):
    """Records what `command` did, in the open transaction."""

    def __call__(self, command: object, done: Done) -> None: ...


_recorder: Recorder | None = None


def set_recorder(recorder: Recorder) -> None:
    """Register the recorder. Without one nothing is recorded."""
    global _recorder
    _recorder = recorder


def record(command: object, done: Done) -> None:
    """Record what `command` did, in the open transaction."""
    if _recorder is not None:
        _recorder(command, done)
