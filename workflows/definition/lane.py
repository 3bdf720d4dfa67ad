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
    # In place of all that follows, because the step says so.
    INSTEAD = "instead"
    # Because the step says so.
    BODY = "body"

    @property
    def ends_run(self) -> bool:
        """Whether the run ends with the steps of such a lane."""
        return self in (Role.ERROR, Role.INSTEAD)


@dataclass(frozen=True)
class Lane:
    """One list of steps inside a step.

    `path` is its place in the step: "branches/0". `own` is its part of the document, with its steps.
    With `knows_step`, these steps may refer to the outputs of the step; with `knows_before`, also to those of
    the steps before it. With `may_ask` the lane may have conditions, which may refer to the step as well;
    `heading` stands before these.
    """

    key: str
    role: Role
    label: str
    path: str
    own: Json
    knows_step: bool = False
    may_ask: bool = False
    heading: str = ""
    knows_before: bool = True

    @property
    def steps(self) -> list[Json]:
        steps: list[Json] = self.own["steps"]
        return steps
