"""What may go wrong with a reference: while it is read as text, and while it is filled in."""

from typing import Any

from django.utils.translation import gettext as _

from workflows.references.paths import Path, format_path


class TemplateError(ValueError):
    """A text that cannot be read as a template; `position` is the culprit's offset, in characters."""

    def __init__(self, message: str, position: int = 0) -> None:
        super().__init__(message)
        self.message = message
        self.position = position


class RenderError(Exception):
    """The base of everything that `resolve` and `render` raise; `message` is a sentence."""

    message: str

    def __str__(self) -> str:
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
    def message(self) -> str:  # type: ignore[override]
        """Why there is nothing, as a sentence."""
        wanted = self._path[self._depth] if self._depth < len(self._path) else ""
        count = len(self._found) if isinstance(self._found, list) else 0
        return self._reason(wanted).format(where=self.where, wanted=wanted, count=count)

    def __str__(self) -> str:
        return _("There is no value at “{path}”: {reason}").format(path=self.path, reason=self.message)

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
    """A filter cannot work on the value that it was given. `reference` is the whole reference."""

    def __init__(self, reference: str, reason: str) -> None:
        super().__init__(reference, reason)
        self.reference = reference
        self.reason = reason

    @property
    def message(self) -> str:  # type: ignore[override]
        return _("“{reference}” cannot be filled in. {reason}").format(
            reference=self.reference, reason=self.reason
        )


class TemplateTooLarge(RenderError):
    """A template would yield more than `limit` characters, or something nested too deeply to write."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    @property
    def message(self) -> str:  # type: ignore[override]
        return _("The filled-in text would be longer than {limit} characters.").format(limit=self.limit)
