"""Sentences that are put together only when somebody reads them: matching an event makes thousands."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise

from stripeflow.workflows.conditions.shown import Label, LabelOf
from stripeflow.workflows.references import MissingValue


@dataclass(frozen=True)
class Sentence:
    """A text with named places, and what goes there. `str()` of it follows the active language."""

    template: str | Promise
    values: dict[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        text = str(self.template)
        return text.format(**self.values) if self.values else text


@dataclass(frozen=True)
class Cause:
    """Why a value is missing, as a sentence."""

    error: MissingValue
    label_of: LabelOf | None = None

    def __str__(self) -> str:
        return self.error.reason(lambda path: str(Label(path, self.label_of)))
