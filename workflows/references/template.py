"""The values that `parse` yields. `str()` of each is a text that parses to the same value."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from stripeflow.workflows.references.paths import Path, format_path, quote


@dataclass(frozen=True)
class PathArgument:
    """An argument of a filter that is itself a path, such as `trigger.currency`."""

    path: Path

    def __str__(self) -> str:
        return format_path(self.path)


@dataclass(frozen=True)
class FilterCall:
    """One filter after a path: its name, and its arguments as texts, whole numbers or paths."""

    name: str
    arguments: tuple[str | int | PathArgument, ...] = ()

    def __str__(self) -> str:
        if not self.arguments:
            return self.name
        written = (quote(value) if isinstance(value, str) else str(value) for value in self.arguments)
        return f"{self.name}({', '.join(written)})"

    def with_paths(self, change: Callable[[Path], Path]) -> "FilterCall":
        """The same with what `change` makes of each path among the arguments."""
        changed = (
            PathArgument(change(one.path)) if isinstance(one, PathArgument) else one for one in self.arguments
        )
        return FilterCall(self.name, tuple(changed))


@dataclass(frozen=True)
class Reference:
    """A dynamic reference: where a value is found, and the filters that it goes through."""

    path: Path
    filters: tuple[FilterCall, ...] = ()

    def __str__(self) -> str:
        return " | ".join([format_path(self.path), *map(str, self.filters)])

    @property
    def paths(self) -> tuple[Path, ...]:
        """Every path that the reference reads: its own, and those among its filters' arguments."""
        arguments = (value for call in self.filters for value in call.arguments)
        return (self.path, *(value.path for value in arguments if isinstance(value, PathArgument)))

    def with_paths(self, change: Callable[[Path], Path]) -> "Reference":
        """The same with what `change` makes of each path that it reads."""
        return Reference(change(self.path), tuple(call.with_paths(change) for call in self.filters))


@dataclass(frozen=True)
class Template:
    """A text with references in it, as literal texts and references in their order."""

    parts: tuple[str | Reference, ...]

    @cached_property
    def references(self) -> tuple[Reference, ...]:
        return tuple(part for part in self.parts if isinstance(part, Reference))

    @property
    def is_single(self) -> bool:
        """Whether it is exactly one reference and nothing else, so that the value keeps its type."""
        return len(self.parts) == 1 and len(self.references) == 1

    def with_paths(self, change: Callable[[Path], Path]) -> "Template":
        """The same with what `change` makes of each path that its references read."""
        return Template(
            tuple(part.with_paths(change) if isinstance(part, Reference) else part for part in self.parts)
        )

    def __str__(self) -> str:
        followers = (*self.parts, "")[1:]
        return "".join(_written(part, after) for part, after in zip(self.parts, followers, strict=True))


def _changed(
    arguments: tuple[str | int | PathArgument, ...], change: Callable[[Path], Path]
) -> tuple[str | int | PathArgument, ...]:
    return tuple(
        PathArgument(change(one.path)) if isinstance(one, PathArgument) else one for one in arguments
    )


def _written(part: str | Reference, after: str | Reference) -> str:
    if isinstance(part, Reference):
        return f"{{{{ {part} }}}}"
    written = part.replace("{{", '{{ "{{" }}')
    # A last brace would join those of the reference behind it.
    if isinstance(after, Reference) and written.endswith("{"):
        written = written[:-1] + '{{ "{" }}'
    return written
