"""What is wrong with a definition, and where."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from enum import StrEnum


class Severity(StrEnum):
    """Whether a problem blocks activation, or only warns."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Problem:
    """One thing to fix before a workflow can be activated, or, as a warning, to look at.

    `path` is a JSON pointer into the document; `step` is a step's key, or "" for the trigger and the
    workflow itself; `branch` is a branch's key within that step; `field` names the input or condition.
    """

    path: str
    code: str
    message: str
    step: str = ""
    branch: str = ""
    field: str = ""
    severity: Severity = Severity.ERROR

    @property
    def is_warning(self) -> bool:
        return self.severity is Severity.WARNING

    def to_json(self) -> dict[str, str]:
        return asdict(self)


class Problems(tuple[Problem, ...]):
    """Several problems. Pages show errors and warnings separately."""

    __slots__ = ()

    @property
    def errors(self) -> tuple[Problem, ...]:
        """Those that block activation."""
        return tuple(problem for problem in self if not problem.is_warning)

    @property
    def warnings(self) -> tuple[Problem, ...]:
        """Those that do not."""
        return tuple(problem for problem in self if problem.is_warning)


class DefinitionError(ValueError):
    """A document that cannot be saved or activated. `problems` lists everything that is wrong."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{p.path or '/'}: {p.message}" for p in self.problems))
