"""The form of a new API token: its purpose, and how long it works."""

from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.access import money_check
from stripeflow.workflows.credentials.token_lifetime import MAX_DAYS, end_of
from stripeflow.workflows.models import ApiToken
from stripeflow.workflows.models.token_scope import Scope, joined


class TokenForm(forms.ModelForm):
    # Who makes the token; set by the page.
    asked_by: Any = None
    scopes = forms.MultipleChoiceField(
        label=gettext_lazy("May be used to"),
        choices=Scope.choices,
        initial=[Scope.READ.value],
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("It may never do more than its user. Choose no more than its purpose needs."),
    )
    never_expires = forms.BooleanField(
        label=gettext_lazy("Never expires"),
        required=False,
        help_text=gettext_lazy(
            "It works until somebody revokes it. Choose this only where nobody can replace it."
        ),
    )

    class Meta:
        model = ApiToken
        fields: ClassVar[list[str]] = ["name", "user", "scopes", "expires_at"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        # A page that only shows a token has none of these fields.
        if "expires_at" in self.fields:
            self.fields["expires_at"].initial = end_of
            self.fields["expires_at"].help_text = _(
                "At most %(most)s days from now. Empty: in %(days)s days."
            ) % {
                "most": MAX_DAYS,
                "days": (end_of() - timezone.now()).days + 1,
            }

    def clean_scopes(self) -> str:
        chosen = self.cleaned_data["scopes"]
        if Scope.MONEY in chosen and (refusal := money_check.refusal(self.asked_by)):
            raise forms.ValidationError(refusal)
        return joined(chosen)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("never_expires"):
            cleaned["expires_at"] = None
        elif "expires_at" in cleaned:
            self._check_end(cleaned)
        return cleaned

    def _check_end(self, cleaned: dict[str, Any]) -> None:
        at = cleaned["expires_at"] = cleaned["expires_at"] or end_of()
        if not timezone.now() < at <= end_of(days=MAX_DAYS):
            message = _("Choose a time from now to %s days from now, or “Never expires”.") % MAX_DAYS
            self.add_error("expires_at", message)
