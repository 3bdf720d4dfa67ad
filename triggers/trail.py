"""Where commands of this app say what they did: a recorder that the project's centre registers."""

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
    """Writes down what `command` did, in the transaction that is open."""

    def __call__(self, command: object, done: Done) -> None: ...


_recorder: Recorder | None = None


def set_recorder(recorder: Recorder) -> None:
    """Register what writes down what commands do. Without one nothing is written."""
    global _recorder
    _recorder = recorder


def record(command: object, done: Done) -> None:
    """Have what `command` did written down, in the transaction that is open."""
    if _recorder is not None:
        _recorder(command, done)
