"""Inputs that are one text: a line, a body, an id."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from stripeflow.actions.form_fields import TextField
from stripeflow.actions.inputs.base import InputField
from stripeflow.actions.inputs.references import holds_reference, without_references
from stripeflow.actions.problems import Problem

ID_PATTERN = re.compile(r"[A-Za-z0-9_\-]{1,255}")


@dataclass(frozen=True)
class TextInput(InputField):
    """A text of any number of lines. `max_length` is in characters; what is longer is cut if it `shortens`.

    Use `shortens` if a reader loses little by that, and no program reads the text.
    """

    max_length: int = 20_000
    shortens: bool = False

    kind: ClassVar[str] = "text"
    takes: ClassVar[frozenset[str]] = frozenset({"text", "whole number", "number", "true or false"})

    def is_empty(self, value: Any) -> bool:
        return super().is_empty(value) or (isinstance(value, str) and not value.strip())

    def check_raw(self, raw: Any) -> list[Problem]:
        if not isinstance(raw, str):
            return [self.problem("type", self.say(_("“%(label)s” must be a text.")))]
        if self.references and holds_reference(raw):
            fault = self.literal_fault(without_references(raw.strip() if self.strips else raw))
        else:
            fault = self.fault(raw)
        return [self.problem("invalid", fault)] if fault else []

    def clean_value(self, value: Any) -> str:
        text = scalar_text(value)
        if text is None:
            raise self.invalid(self.say(_("“%(label)s” must be a text, and got a list or an object.")))
        if self.shortens:
            text = shortened(text, self.max_length)
        if fault := self.fault(text):
            raise self.invalid(fault)
        return text

    def literal_fault(self, literal: str) -> str:
        """Return what is wrong with the literal part of a text with references, or ""."""
        return "" if self.shortens else self._length_fault(literal)

    def fault(self, text: str) -> str:
        """Return what is wrong with a text that holds no references, as a sentence, or ""."""
        return self._length_fault(text)

    def _length_fault(self, text: str) -> str:
        if len(text) > self.max_length:
            return self.say(
                _("“%(label)s” must be at most %(limit)d characters long."), limit=self.max_length
            )
        return ""

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"]}

    def form_field(self) -> forms.Field:
        return TextField(self, lines=True)


@dataclass(frozen=True)
class StringInput(TextInput):
    """One line of text, optionally an e-mail address."""

    max_length: int = 255
    format: Literal["email"] | None = None

    kind: ClassVar[str] = "string"

    def check_raw(self, raw: Any) -> list[Problem]:
        if isinstance(raw, str) and len(raw.splitlines()) > 1:
            return [self.problem("line_break", self.say(_("“%(label)s” must be one line.")))]
        return super().check_raw(raw)

    def fault(self, text: str) -> str:
        if self.format == "email" and not is_email(text):
            return self.say(_("“%(label)s” must be one e-mail address."))
        return super().fault(text)

    def literal_fault(self, literal: str) -> str:
        if self.format == "email" and len(literal.split()) > 1:
            return self.say(_("“%(label)s” must be one e-mail address."))
        return super().literal_fault(literal)

    def form_field(self) -> forms.Field:
        return TextField(self, strip=self.format is not None)


@dataclass(frozen=True)
class IdInput(TextInput):
    """The id of a Stripe object; `of` is the object's name ("charge")."""

    max_length: int = 255
    of: str = ""

    kind: ClassVar[str] = "id"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"text"})

    def fault(self, text: str) -> str:
        if not ID_PATTERN.fullmatch(text):
            return self.say(_("“%(label)s” must be one Stripe ID, without spaces."))
        return ""

    def literal_fault(self, literal: str) -> str:
        return self.fault(literal) if literal else ""

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "x-stripeflow-id-of": self.of}

    def form_field(self) -> forms.Field:
        return TextField(self, strip=True)


def scalar_text(value: Any) -> str | None:
    """Return a plain JSON scalar as a text, None for a list or an object."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) else None


def shortened(text: str, limit: int) -> str:
    """Return the text, cut to so many characters; the last one is then “…”."""
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def is_email(text: str) -> bool:
    """Return whether the text is exactly one e-mail address."""
    try:
        validate_email(text)
    except ValidationError:
        return False
    return True
