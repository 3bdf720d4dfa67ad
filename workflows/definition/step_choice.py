"""An input that is one of a few values, or an earlier step, written as its path: "steps.retrieve_charge"."""

import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms

from stripeflow.actions.form_fields import ChoiceField
from stripeflow.actions.inputs import ChoiceInput
from stripeflow.actions.wording import Text

_PATH = re.compile(r"steps\.([a-z][a-z0-9_]{0,59})", re.ASCII)


@dataclass(frozen=True)
class StepChoiceInput(ChoiceInput):
    """One of `choices`, or a step that has surely ended. `of_step` names it: "Since “%s” has ended"."""

    of_step: Text = "%s"

    kind: ClassVar[str] = "step_choice"

    def step_keys(self, raw: Any) -> Iterator[str]:
        if (key := key_in(raw)) and not super()._is_choice(raw):
            yield key

    def with_step_keys(self, raw: Any, change: Callable[[str], str]) -> Any:
        return path_to(change(key)) if (key := next(self.step_keys(raw), "")) else raw

    def step_words(self, title: str) -> str:
        return str(self.of_step) % title

    def value_schema(self) -> dict[str, Any]:
        return {"anyOf": [super().value_schema(), {"type": "string", "pattern": f"^{_PATH.pattern}$"}]}

    def form_field(self) -> forms.Field:
        return StepChoiceField(self, choices=[("", self.empty_label), *self.choices])

    def _is_choice(self, value: Any) -> bool:
        return super()._is_choice(value) or bool(key_in(value))


class StepChoiceField(ChoiceField):
    """A list of the choices, and of the steps that `offer` adds."""

    declared: StepChoiceInput

    def show(self, initial: Any) -> None:
        self.kept = next(self.declared.step_keys(initial), "")

    def offer(self, steps: Iterable[tuple[str, str]], named: Callable[[str], str]) -> None:
        """Offer these steps, as pairs of key and title; and the one that is chosen, as `named` calls it."""
        offered = dict(steps)
        if kept := getattr(self, "kept", ""):
            offered.setdefault(kept, named(kept))
        own = [(path_to(key), self.declared.step_words(title)) for key, title in offered.items()]
        self.widget.choices = [*self.widget.choices, *own]


def key_in(raw: object) -> str:
    """The key of the step that a value names; "" for any other value."""
    found = _PATH.fullmatch(raw) if isinstance(raw, str) else None
    return found[1] if found else ""


def path_to(key: str) -> str:
    """The value that names the step of this key."""
    return f"steps.{key}"
