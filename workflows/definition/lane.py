"""One list of steps inside a step. Pure."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

Json = dict[str, Any]


class Role(StrEnum):
    """When the steps of a lane run."""

    # If its conditions are the first ones that are met.
    CONDITION = "condition"
    # If no other lane of the step is taken.
    OTHERWISE = "otherwise"
    # In place of all that follows, once the step has failed.
    ERROR = "error"
    # Because the step says so.
    BODY = "body"


@dataclass(frozen=True)
class Lane:
    """One list of steps inside a step.

    `path` is where the step has it: "branches/0". `own` is what the document says of it, its steps among it.
    With `knows_step` its steps may refer to what the step gives.
    """

    key: str
    role: Role
    label: str
    path: str
    own: Json
    knows_step: bool = False

    @property
    def steps(self) -> list[Json]:
        steps: list[Json] = self.own["steps"]
        return steps
