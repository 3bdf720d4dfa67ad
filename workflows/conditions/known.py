"""What a check asks about fields, and how it tells what is wrong."""

from dataclasses import dataclass
from typing import Protocol


class FieldInfo(Protocol):
    """What is known of a field: its type, the values of a choice, the path of an amount's currency.

    `doubt` says why there may be no such field, "" where there surely is; `guessed` that its type is only
    what recent events show.
    """

    @property
    def type(self) -> str: ...
    @property
    def enum(self) -> tuple[str, ...]: ...
    @property
    def currency_field(self) -> str | None: ...
    @property
    def currency(self) -> str | None: ...
    @property
    def optional(self) -> bool: ...
    @property
    def doubt(self) -> str: ...
    @property
    def guessed(self) -> bool: ...


@dataclass(frozen=True)
class Problem:
    """`path` is a JSON pointer to the condition's part, `field` that condition's field."""

    path: str
    code: str
    message: str
    field: str = ""
    is_warning: bool = False


class Finder(Protocol):
    """Tells what is known of the fields at one place of a workflow."""

    def find(self, path: str) -> FieldInfo | None: ...

    def named(self, path: str) -> str:
        """What people call the field, also where nothing is known of it."""
        ...

    def unknown(self, path: str) -> str:
        """Why nothing is known of the field, and what to do, as a sentence."""
        ...

    def item_finder(self, list_path: str) -> "Finder":
        """The same inside conditions on the items of that list, which call them `item`."""
        ...
