"""The daily refund limits of a workflow, as rows of currency and amount in major units."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.money import currency_choices, parse_major, typed_major


class RefundLimitForm(forms.Form):
    """One row. Without an amount it is none."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), required=False, choices=lambda: [("", "—"), *currency_choices()]
    )
    amount = forms.CharField(label=gettext_lazy("Amount"), required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        currency, text = given.get("currency"), given.get("amount")
        if not text or "currency" in self.errors:
            return given
        if not currency:
            raise forms.ValidationError(_("Choose the currency of “%s”.") % text)
        try:
            given["minor"] = parse_major(text, currency)
        except ValueError as error:
            raise forms.ValidationError(str(error)) from error
        if given["minor"] < 0:
            raise forms.ValidationError(_("A limit cannot be below zero."))
        return given


class _Rows(forms.BaseFormSet):
    def clean(self) -> None:
        given = [row.get("currency") for row in self._filled()]
        for currency in {one for one in given if one and given.count(one) > 1}:
            raise forms.ValidationError(_("%s has two limits. Keep one of them.") % currency.upper())

    def caps(self) -> dict[str, int]:
        """The limits in minor units, by currency in small letters."""
        return {row["currency"]: row["minor"] for row in self._filled()}

    def _filled(self) -> list[dict[str, Any]]:
        rows = (getattr(form, "cleaned_data", {}) for form in self.forms)
        return [row for row in rows if "minor" in row]


RefundLimits = forms.formset_factory(RefundLimitForm, formset=_Rows, extra=1, max_num=50, validate_max=True)


def limit_rows(caps: dict[str, int], data: Any = None) -> Any:
    """The rows of these limits, and an empty one; bound to `data` if it is given."""
    initial = [{"currency": key, "amount": typed_major(caps[key], key)} for key in sorted(caps)]
    return RefundLimits(data, initial=initial, prefix="limits")
