"""The daily limits of a workflow, as rows of a currency and two amounts in major units."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.money import currency_choices, parse_major, typed_major
from stripeflow.workflows.limits.caps import OwnCaps

_AMOUNTS = ("amount", "one_customer")


class RefundLimitForm(forms.Form):
    """One row. Without an amount it is none."""

    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), required=False, choices=lambda: [("", "—"), *currency_choices()]
    )
    amount = forms.CharField(label=gettext_lazy("Amount"), required=False, max_length=40)
    one_customer = forms.CharField(label=gettext_lazy("For one customer"), required=False, max_length=40)

    def clean(self) -> dict[str, Any]:
        given = super().clean() or self.cleaned_data
        currency = given.get("currency")
        typed = {name: given[name] for name in _AMOUNTS if given.get(name)}
        if not typed or "currency" in self.errors:
            return given
        if not currency:
            raise forms.ValidationError(_("Choose the currency of “%s”.") % next(iter(typed.values())))
        given["minor"] = {name: _minor(text, currency) for name, text in typed.items()}
        return given


def _minor(text: str, currency: str) -> int:
    try:
        minor = parse_major(text, currency)
    except ValueError as error:
        raise forms.ValidationError(str(error)) from error
    if minor < 0:
        raise forms.ValidationError(_("A limit cannot be below zero."))
    return minor


class _Rows(forms.BaseFormSet):
    def clean(self) -> None:
        given = [row.get("currency") for row in self._filled()]
        for currency in {one for one in given if one and given.count(one) > 1}:
            raise forms.ValidationError(_("%s has two limits. Keep one of them.") % currency.upper())

    def caps(self) -> OwnCaps:
        """The limits in minor units, by currency in small letters."""
        every, one = (
            {row["currency"]: row["minor"].get(name) for row in self._filled()} for name in _AMOUNTS
        )
        return OwnCaps(_given(every), _given(one))

    def _filled(self) -> list[dict[str, Any]]:
        rows = (getattr(form, "cleaned_data", {}) for form in self.forms)
        return [row for row in rows if "minor" in row]


def _given(caps: dict[str, int | None]) -> dict[str, int]:
    return {currency: cap for currency, cap in caps.items() if cap is not None}


RefundLimits = forms.formset_factory(RefundLimitForm, formset=_Rows, extra=1, max_num=50, validate_max=True)


def limit_rows(caps: OwnCaps, data: Any = None) -> Any:
    """The rows of these limits, and an empty one; bound to `data` if it is given."""
    initial = [
        {
            "currency": key,
            "amount": _typed(caps.every.get(key), key),
            "one_customer": _typed(caps.one_customer.get(key), key),
        }
        for key in sorted({*caps.every, *caps.one_customer})
    ]
    return RefundLimits(data, initial=initial, prefix="limits")


def _typed(cap: int | None, currency: str) -> str:
    return "" if cap is None else typed_major(cap, currency)
