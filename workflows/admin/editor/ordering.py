"""Rows whose order people type as numbers."""

from typing import Any

from django.forms.models import BaseInlineFormSet

from stripeflow.workflows.drafts.arrange import renumber


class OrderedFormSet(BaseInlineFormSet):
    """Numbers its rows on save by the forms' field `order`, counted from 1; new rows come last."""

    def save(self, commit: bool = True) -> list[Any]:
        saved = super().save(commit)
        if commit:
            renumber(form.instance for form in self.in_order())
        return saved

    def in_order(self) -> list[Any]:
        """The forms of the rows that stay, in their new order."""
        forms = [form for form in self.forms if form.instance.pk and form not in self.deleted_forms]
        return sorted(forms, key=self._place)

    def _place(self, form: Any) -> tuple[float, int, int]:
        here = self.forms.index(form)
        wanted = form.cleaned_data.get("order")
        if wanted is None:
            return float("inf"), 0, here
        before = form.initial.get("order", wanted)
        # Of two rows with the same number, one that moved up comes first, and one that moved down comes last.
        return wanted, (wanted > before) - (wanted < before), here
