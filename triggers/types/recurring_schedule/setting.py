"""The settings of a schedule, each as plain JSON, with its form field."""

from collections.abc import Callable, Iterable
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from django import forms

from stripeflow.triggers.types.base import Fault

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class ScheduleSetting:
    """One setting. What is wrong with it is said for all of them together: see `reading`."""

    name: str
    _: KW_ONLY
    label: "StrOrPromise"
    schema: dict[str, Any]
    box: Callable[..., forms.Field]
    help_text: "StrOrPromise" = ""
    default: Any = None
    required: bool = False
    secret: bool = False
    advanced: bool = False
    # The form shows it only where it counts: another setting, and the values of that which ask for it.
    shown_for: tuple[str, tuple[str, ...]] | None = None
    options: dict[str, Any] = field(default_factory=dict)

    def is_empty(self, value: Any) -> bool:  # noqa: ANN401  any JSON value
        """Whether nothing was given."""
        return value in (None, "", [])

    def check(self, raw: Any) -> Iterable[Fault]:  # noqa: ANN401
        """Say nothing: `RecurringSchedule.check` does."""
        return ()

    def json_schema(self) -> dict[str, Any]:
        """Return the schema of the value, with its label."""
        described = {"description": str(self.help_text)} if self.help_text else {}
        return {"title": str(self.label), **described, **self.schema}

    def form_field(self) -> forms.Field:
        """Return the form field, whose cleaned value is the setting's."""
        made = self.box(label=self.label, help_text=self.help_text, required=self.required, **self.options)
        if self.shown_for:
            name, values = self.shown_for
            made.widget.attrs["data-sf-for"] = f"{name}:{' '.join(values)}"
        return made
