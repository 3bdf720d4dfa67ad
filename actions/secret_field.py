"""The form field of a secret input: an existing secret, or a new value."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.form_fields import RawField
from stripeflow.actions.named_secrets import TypedSecret, name_in, reference_to

if TYPE_CHECKING:
    from stripeflow.actions.inputs.base import InputField


class SecretWidget(forms.MultiWidget):
    """A choice of the existing secrets, and a box for a new value."""

    template_name = "stripeflow/actions/secret.html"
    use_fieldset = True

    def __init__(self) -> None:
        chosen = forms.Select({"aria-label": gettext_lazy("Secret")})
        typed = forms.PasswordInput(
            render_value=False,
            attrs={
                "autocomplete": "new-password",
                "aria-label": gettext_lazy("New value"),
                "placeholder": gettext_lazy("or a new value"),
            },
        )
        super().__init__({"name": chosen, "value": typed})

    def decompress(self, value: Any) -> list[str]:  # noqa: ANN401  a raw value
        """Return what the two boxes show for a raw value: its name, and never a value."""
        return [name_in(value), ""]


class SecretField(RawField):
    """Its raw value names a secret; for a new value it is a `TypedSecret`."""

    def __init__(self, declared: "InputField") -> None:
        super().__init__(declared, widget=SecretWidget())
        self.offer([], new=True)

    def offer(self, secrets: Iterable[tuple[str, str]], *, new: bool) -> None:
        """Offer these secrets, by name and how each is described, and a box for a new one only if `new`."""
        chosen, typed = self.widget.widgets
        chosen.choices = [("", _("None")), *secrets]
        self.names = tuple(name for name, _described in chosen.choices)
        if not new:
            typed.attrs["disabled"] = True

    def show(self, initial: Any) -> None:  # noqa: ANN401
        """Offer the secret that the raw value names, even if it no longer exists."""
        if name := name_in(initial):
            self.offer([(name, name)], new=True)

    def to_python(self, value: Any) -> Any:  # noqa: ANN401
        name, typed = value or ("", "")
        if typed:
            return TypedSecret(typed)
        return reference_to(name) if name else None

    def clean(self, value: Any) -> Any:  # noqa: ANN401
        raw = self.to_python(value)
        if raw is None:
            if self.required:
                raise ValidationError(self.declared.required_message(), code="required")
            return None
        if isinstance(raw, TypedSecret):
            problems = self.declared.check_raw(raw.value)
            if problems:
                raise ValidationError([ValidationError(one.message, one.code) for one in problems])
        elif not name_in(raw) or name_in(raw) not in self.names:
            raise ValidationError(_("There is no secret of this name. Choose another one."), code="no_secret")
        return raw

    def has_changed(self, initial: Any, data: Any) -> bool:  # noqa: ANN401
        return (self.to_python(data) or None) != (initial or None)
