"""What every input field of an action can do."""

from collections.abc import Callable, Iterator
from dataclasses import KW_ONLY, dataclass, replace
from typing import Any, ClassVar, Self

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions import named_secrets
from stripeflow.actions.errors import InvalidInput
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import Text, Worded, worded


@dataclass(frozen=True)
class InputField:
    """One declared input. It yields the form field, the checks, the JSON schema and the masking.

    A *raw* value is what a definition document holds, references unresolved; a *rendered* value is what
    is left once the engine replaced them. None, "", [] and {} are empty in both. `default` prefills a new
    step; with `named_after_workflow`, its workflow's name does. `advanced` inputs are under "More fields".
    A `secret` one names a secret, whose value only the call gets: see `named_secrets`.
    """

    name: str
    _: KW_ONLY
    label: Text
    help_text: Text = ""
    required: bool = False
    default: Any = None
    advanced: bool = False
    secret: bool = False
    references: bool = True
    named_after_workflow: bool = False

    kind: ClassVar[str]
    # What a lone reference in the input may give: "text", "whole number", "number", "true or false", "list",
    # "object". Empty means any.
    takes: ClassVar[frozenset[str]] = frozenset()
    # Whether spaces around a reference mean nothing, so that its value keeps its type.
    strips: ClassVar[bool] = False
    empty_value: ClassVar[Any] = None
    # Whether its values name connections.
    names_connection: ClassVar[bool] = False

    def is_empty(self, value: Any) -> bool:
        """Return whether a raw or rendered value means that nothing was given."""
        return value is None or value in ("", [], {})

    def check(self, raw: Any) -> list[Problem]:
        """Return every problem of a raw value; a text that holds references is let through."""
        if self.is_empty(raw):
            return [self._required()] if self.required else []
        return named_secrets.problems(self, raw) if self.secret else self.check_raw(raw)

    def check_raw(self, raw: Any) -> list[Problem]:
        """Return the problems of a raw value that is not empty. For subclasses."""
        raise NotImplementedError

    def check_current(self, raw: Any) -> list[Problem]:
        """Return the problems that only the database knows of a raw value. None by default."""
        return []

    def clean(self, value: Any) -> Any:
        """Return a rendered value in its plain form, `empty_value` if empty; cleaning twice changes nothing.

        Raises InvalidInput.
        """
        if self.is_empty(value):
            if self.required:
                raise self.invalid(self.say(_("“%(label)s” has no value in this run.")))
            return self.empty_value
        return self.clean_value(value)

    def clean_value(self, value: Any) -> Any:
        """Return a rendered value that is not empty in its plain form. For subclasses."""
        raise NotImplementedError

    def takes_at(self, path: str) -> frozenset[str]:
        """Return what a lone reference at a path of `templates` may give; empty means any."""
        return self.takes

    def json_schema(self) -> dict[str, Any]:
        """Return the JSON schema of a raw value."""
        schema = {
            "title": str(self.label),
            **(named_secrets.schema() if self.secret else self.value_schema()),
        }
        if self.help_text:
            schema["description"] = str(self.help_text)
        return schema

    def value_schema(self) -> dict[str, Any]:
        """Return the part of the JSON schema that depends on the kind. For subclasses."""
        raise NotImplementedError

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        """Yield (path, text) of every text in a raw value that may hold references."""
        if self.references and isinstance(raw, str) and raw:
            yield self.name, raw.strip() if self.strips else raw

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        """Return the raw value with each text that may hold references replaced by `function(text)`."""
        if self.references and isinstance(raw, str) and raw:
            return function(raw.strip() if self.strips else raw)
        return raw

    @property
    def connection_kind(self) -> str:
        """The kind of the connections that it names; "" for an input that names none."""
        return ""

    def connection_in(self, raw: Any) -> str:
        """Return the name of the connection that a raw value names; "" for none."""
        return ""

    def step_keys(self, raw: Any) -> Iterator[str]:
        """Yield the key of every step that a raw or rendered value names, other than by a reference."""
        yield from ()

    def with_step_keys(self, raw: Any, change: Callable[[str], str]) -> Any:
        """Return the raw value with each key of `step_keys` replaced by `change(key)`."""
        return raw

    def step_words(self, title: str) -> str:
        """Return what a value that names a step says, given the step's title."""
        return title

    def form_field(self) -> forms.Field:
        """Return a form field whose cleaned value is a raw value and whose initial value may be one."""
        raise NotImplementedError

    def with_default(self, default: Any) -> Self:
        """Return the same input with another default."""
        return replace(self, default=default)

    def problem(self, code: str, message: str, *, path: str = "") -> Problem:
        """Return a problem of this input; `path` goes below it."""
        return Problem(f"{self.name}.{path}" if path else self.name, code, message)

    def invalid(self, message: str) -> InvalidInput:
        """Return the error of a rendered value."""
        return InvalidInput(self.name, message)

    def say(self, message: str, *, limit: int | None = None, **values: object) -> Worded:
        """Return the sentence with the input's label, its own limit, and the values, filled in."""
        return worded(message, names={"label": self.label, "limit": limit}, **values)

    def _required(self) -> Problem:
        return self.problem("required", self.required_message())

    def required_message(self) -> str:
        """Return the sentence for a required input that is empty."""
        return self.say(_("“%(label)s” is required."))
