"""What is wrong with a definition, and where."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Problem:
    """One thing to mend before a workflow can be activated.

    `path` is a JSON pointer into the document; `step` is a step's key, or "" for the trigger and the
    workflow itself; `branch` is a branch's key within that step; `field` names the input or condition.
    """

    path: str
    code: str
    message: str
    step: str = ""
    branch: str = ""
    field: str = ""

    def to_json(self) -> dict[str, str]:
        return asdict(self)


class DefinitionError(ValueError):
    """A document that can not be saved or activated. `problems` lists everything that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path or '/'}: {p.message}" for p in self.problems))
