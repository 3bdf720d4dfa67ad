"""The part of a step's form about what happens if it fails."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.admin.editor.guarded_form import GuardedForm
from stripeflow.workflows.definition.choices import OnError
from stripeflow.workflows.definition.retry import default_policy, retry_problems
from stripeflow.workflows.definition.schema import MAX_ATTEMPTS, MAX_SECONDS
from stripeflow.workflows.drafts.arrange import error_branch_steps

_PREFIX = "retry_"
FAILING_FIELDS = (
    "on_error",
    ("retry_max_attempts", "retry_base_seconds"),
    ("retry_cap_seconds", "retry_total_seconds"),
)


class FailingForm(GuardedForm):
    """Empty fields use the defaults of the settings, which they show."""

    retry_max_attempts = forms.IntegerField(
        label=gettext_lazy("Attempts"),
        required=False,
        min_value=1,
        max_value=MAX_ATTEMPTS,
        help_text=gettext_lazy("Including the first try. 1 = no retries."),
    )
    retry_base_seconds = forms.FloatField(
        label=gettext_lazy("First pause"),
        required=False,
        min_value=0.1,
        max_value=MAX_SECONDS,
        help_text=gettext_lazy("In seconds. Each later pause is twice as long."),
    )
    retry_cap_seconds = forms.FloatField(
        label=gettext_lazy("Longest pause"),
        required=False,
        min_value=0.1,
        max_value=MAX_SECONDS,
        help_text=gettext_lazy("Seconds."),
    )
    retry_total_seconds = forms.FloatField(
        label=gettext_lazy("Give up after"),
        required=False,
        min_value=0.1,
        max_value=MAX_SECONDS,
        help_text=gettext_lazy("Seconds since the first try. 79,200 are 22 hours."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["on_error"].required = False
        self.fields["on_error"].label = _("After the last attempt")
        self.fields["on_error"].help_text = _(
            "The error branch runs in place of all that follows; it is drawn beside the step once this is "
            "saved. Empty fields use the defaults shown."
        )
        policy = default_policy()
        given = {
            "max_attempts": policy.max_attempts,
            "base_seconds": policy.base,
            "cap_seconds": policy.cap,
            "total_seconds": policy.total,
        }
        for name, default in given.items():
            self.fields[_PREFIX + name].widget.attrs["placeholder"] = f"{default:g}"
            self.initial[_PREFIX + name] = self.instance.retry.get(name)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        cleaned["on_error"] = cleaned.get("on_error") or self.instance.on_error
        self._check_error_branch(cleaned["on_error"])
        self._clean_retry(cleaned)
        return cleaned

    def _check_error_branch(self, on_error: str) -> None:
        if on_error == OnError.BRANCH or self.instance.pk is None:
            return
        if not error_branch_steps(self.instance).exists():
            return
        message = _("The error branch of this step has steps. Delete or move them first.")
        self.add_error("on_error", forms.ValidationError(message, code="error_branch"))

    def _clean_retry(self, cleaned: dict[str, Any]) -> None:
        names = [name for name in self.fields if name.startswith(_PREFIX)]
        given = {name.removeprefix(_PREFIX): cleaned.get(name) for name in names}
        own = {name: _plain(value) for name, value in given.items() if value is not None}
        if not self.errors.keys() & set(names):
            for name, code, message in retry_problems(own):
                self.add_error(_PREFIX + name, forms.ValidationError(message, code=code))
        self.instance.retry = own


def _plain(number: float) -> float:
    """A whole number without decimals: 60, not 60.0."""
    return int(number) if number == int(number) else number
