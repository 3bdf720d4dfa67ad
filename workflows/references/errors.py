"""What may go wrong with a reference: while it is read as text, and while it is filled in."""

from collections.abc import Callable
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.workflows.references.paths import Path, format_path

# From a path to what people call the value there.
NameOf = Callable[[str], str]


class TemplateError(ValueError):
    """A text that cannot be read as a template; `position` is the culprit's offset, in characters."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class UnknownFilter(TemplateError):
    """A filter called `name`, which is not installed."""

    def __init__(self, message: str, position: int, name: str) -> None:
        super().__init__(message, position)
        self.name = name


class RenderError(Exception):
    """The base of everything that `resolve` and `render` raise; `message` is a sentence."""

    @property
    def message(self) -> str:
        """What went wrong. For subclasses."""
        raise NotImplementedError

    def __str__(self) -> str:
        return self.message

    def sentence(self, name_of: NameOf) -> str:
        """The sentence for people, who know a value by its name and not by its path."""
        return self.message


class MissingValue(RenderError):
    """There is nothing at `path`. `where` is the longest part of it that exists ("" if none does).

    `message` is made only when it is read: conditions meet missing values all the time.
    """

    def __init__(self, path: Path, *, depth: int = 0, found: Any = None) -> None:
        super().__init__(path, depth)
        self._path = path
        self._depth = depth
        self._found = found

    @property
    def path(self) -> str:
        return format_path(self._path)

    @property
    def where(self) -> str:
        return format_path(self._path[: self._depth])

    @property
    def message(self) -> str:
        """Why there is nothing, as a sentence."""
        return self.reason(str)

    def __str__(self) -> str:
        return self.sentence(str)

    def sentence(self, name_of: NameOf) -> str:
        message = _("There is no value at “{path}”: {reason}")
        return worded(message, names={"path": name_of(self.path)}, reason=self.reason(name_of))

    def reason(self, name_of: NameOf) -> str:
        """Why there is nothing, as a sentence with the names of what there is."""
        wanted = self._path[self._depth] if self._depth < len(self._path) else ""
        count = len(self._found) if isinstance(self._found, list) else 0
        where = name_of(self.where) if self.where else ""
        step = name_of(format_path(self._path[:2])) if self.where == "steps" else ""
        step = step.removeprefix("steps.")
        names = {"where": where, "wanted": step or wanted}
        return worded(self._reason(wanted), names=names, count=count)

    def _reason(self, wanted: str | int) -> str:
        if self._depth == 0:
            return _("“{wanted}” is not known here.")
        if self.where == "steps":
            return _("The step “{wanted}” has no outputs.")
        if self._found is None:
            return _("“{where}” is null.")
        if isinstance(self._found, dict):
            return _("“{where}” has no “{wanted}”.")
        if not isinstance(self._found, list):
            return _("“{where}” is a single value, and has no “{wanted}”.")
        if isinstance(wanted, int):
            return _("“{where}” has no item {wanted}: it has {count} items, counted from 0.")
        return _("“{where}” is a list; name one of its items by its number.")


class FilterFailed(RenderError):
    """A filter cannot work on the value that it was given. `reference` is the whole one, from `path` on."""

    def __init__(self, reference: str, reason: str, path: str) -> None:
        super().__init__(reference, reason, path)
        self.reference = reference
        self.reason = reason
        self.path = path

    @property
    def message(self) -> str:
        return self._of(self.reference)

    def sentence(self, name_of: NameOf) -> str:
        return self._of(name_of(self.path))

    def _of(self, name: str) -> str:
        message = _("“{reference}” cannot be filled in. {reason}")
        return worded(message, names={"reference": name}, reason=self.reason)


class TemplateTooLarge(RenderError):
    """A template would yield more than `limit` characters, or something nested too deeply to write."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    @property
    def message(self) -> str:
        message = _("The filled-in text would be longer than {limit} characters.")
        return worded(message, names={"limit": self.limit})
