"""One row of conditions: a test of a field, a group, or tests of a list's items."""

from contextlib import suppress
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions import money
from stripeflow.triggers.types.searchable import SearchableSelect
from stripeflow.workflows import conditions, conf
from stripeflow.workflows.admin.base.form_fields import field_of
from stripeflow.workflows.admin.editor import value_boxes
from stripeflow.workflows.admin.editor.widgets import ValueBox
from stripeflow.workflows.conditions import OPERATORS, Test
from stripeflow.workflows.definition.typing import Found, ItemKnown, Known
from stripeflow.workflows.display.labels import Choices, field_choices, field_groups, paths_of
from stripeflow.workflows.models import Condition
from stripeflow.workflows.models.condition import ConditionKind, ReadAs
from stripeflow.workflows.references import TemplateError, format_path, parse_path
from stripeflow.workflows.references.paths import ROOTS

BOXES = {"value": "text", "upper": "upper", "currency": "currency"}


class ConditionRowForm(forms.ModelForm):
    """Created for one page by `row_form`, with the fields that are known there.

    An unchanged row is not validated again. If it no longer fits, that is a problem of the definition, shown
    beside the row, and must not keep other changes from being saved.
    """

    finder: ClassVar[Known | ItemKnown]
    saved: ClassVar[Known | ItemKnown]
    paths: ClassVar[frozenset[str]]
    saved_paths: ClassVar[frozenset[str]]

    chosen = forms.CharField(
        label=gettext_lazy("Field"),
        required=False,
        widget=SearchableSelect({"aria-label": gettext_lazy("Field"), "data-sf-field": ""}),
    )
    path = forms.CharField(
        label=gettext_lazy("Custom field"),
        required=False,
        max_length=300,
        help_text=gettext_lazy("For fields that are not in the list, such as metadata.tier."),
    )
    operator = forms.CharField(
        label=gettext_lazy("Comparison"),
        required=False,
        widget=SearchableSelect({"aria-label": gettext_lazy("Comparison"), "data-stripeflow-operator": ""}),
    )
    text = forms.CharField(
        label=gettext_lazy("Value"), required=False, strip=True, max_length=20_000, widget=ValueBox
    )
    upper = forms.CharField(label=gettext_lazy("and"), required=False, max_length=200, widget=ValueBox)
    currency = forms.ChoiceField(
        label=gettext_lazy("Currency"), required=False, choices=money.currency_choices
    )
    order = forms.IntegerField(label=gettext_lazy("Order"), required=False, min_value=1, max_value=999)

    class Meta:
        model = Condition
        fields = ("kind", "match", "quantifier", "operator", "read_as")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        row = self.instance
        self.fields["currency"].initial = conf.get("DEFAULT_CURRENCY")
        for name in ("kind", "match", "quantifier"):
            self.fields[name].required = False
        field_of(self, "read_as", forms.ChoiceField).choices = [("", _("as it is")), *ReadAs.choices]
        if row.pk is None:
            return
        # Shown as the page was rendered, even if another event was submitted.
        found = self.saved.find(row.field) if row.field else None
        boxes = value_boxes.show(
            row.value,
            operator=row.operator,
            type_key=_shown_as(row, found),
            currency=conf.get("DEFAULT_CURRENCY"),
        )
        listed = row.field in self.saved_paths
        self.initial = {
            **self.initial,
            "chosen": row.field if listed else "",
            "path": "" if listed else row.field,
            "text": boxes.text,
            "upper": boxes.upper,
            "currency": boxes.currency,
            "order": row.position + 1,
        }

    def clean(self) -> dict[str, Any]:
        super().clean()
        cleaned = self.cleaned_data
        for name, default in (("kind", "test"), ("match", "all"), ("quantifier", "any")):
            cleaned[name] = cleaned.get(name) or getattr(self.instance, name) or default
        if self.instance.pk is not None and not set(self.changed_data) - {"order"}:
            return cleaned
        row = self.instance
        row.field, row.value = "", None
        if cleaned["kind"] != ConditionKind.TEST:
            cleaned["read_as"] = ""
        if cleaned["kind"] == ConditionKind.GROUP:
            cleaned["operator"] = ""
            return cleaned
        found = self._field(cleaned)
        if found is None:
            return cleaned
        row.field = format_path(parse_path(found.path))
        if cleaned["kind"] == ConditionKind.TEST:
            self._clean_test(cleaned, found)
        else:
            self._clean_list(cleaned, found)
        return cleaned

    def _clean_list(self, cleaned: dict[str, Any], found: Found) -> None:
        cleaned["operator"] = ""
        if found.type not in {"list", "any"} and not found.guessed:
            message = _("“%s” is not a list. Choose one, or make this an ordinary condition.") % found.label
            self.add_error("chosen", message)

    def _clean_test(self, cleaned: dict[str, Any], found: Found) -> None:
        operator = OPERATORS.get(cleaned.get("operator") or "")
        if operator is None:
            self.add_error("operator", _("Choose how to compare “%s”.") % found.label)
            return
        boxes = value_boxes.Boxes(
            cleaned.get("text") or "", cleaned.get("upper") or "", cleaned.get("currency") or ""
        )
        test = Test(found.path, operator.key, boxes.texts, read_as=cleaned.get("read_as") or None)
        comparison = conditions.comparison_of(test, conditions.type_of_test(test, found))
        if not comparison.fits:
            message = _("“%(operator)s” cannot be used for “%(field)s”. Choose another comparison.")
            if cleaned.get("read_as"):
                message = _("“%(field)s” cannot be read this way for “%(operator)s”. Choose something else.")
            box = "read_as" if cleaned.get("read_as") else "operator"
            self.add_error(box, message % {"operator": operator.label, "field": found.label})
            return
        try:
            value = value_boxes.read(boxes, operator=operator.key, type_key=comparison.type)
            self._check_other(value, comparison)
            self.instance.value = value
        except value_boxes.BoxError as error:
            self.add_error(BOXES[error.box], str(error))
            return

    def _check_other(self, value: Any, comparison: conditions.Comparison) -> None:
        """Whether a value that is another field can be compared. Raises `BoxError`."""
        other = conditions.field_in(value)
        found = self.finder.find(other.field) if other else None
        if other and found is None:
            raise value_boxes.BoxError(self.finder.unknown(other.field))
        if found and not conditions.is_comparable(comparison, found.type):
            message = _("“%s” is of another type, so that the two cannot be compared.")
            raise value_boxes.BoxError(message % found.label)

    def _field(self, cleaned: dict[str, Any]) -> Found | None:
        """The field of the row: what was chosen last, from the list or as a path."""
        chosen, path = cleaned.get("chosen") or "", (cleaned.get("path") or "").strip()
        if chosen and "chosen" in self.changed_data and "path" not in self.changed_data:
            path = ""
        box, wanted = ("path", self._whole(path)) if path else ("chosen", chosen)
        if not wanted:
            self.add_error("chosen", _("Choose a field."))
            return None
        try:
            parse_path(wanted)
        except TemplateError as error:
            self.add_error(box, error.message)
            return None
        found = self.finder.find(wanted)
        if found is None:
            self.add_error(box, self.finder.unknown(wanted))
        return found

    def _whole(self, path: str) -> str:
        """A typed path with its root: `metadata.tier` means the trigger's, or the item's in a list."""
        with suppress(TemplateError):
            if parse_path(path)[0] in ROOTS:
                return path
        root = "item" if any(known.startswith("item") for known in self.paths) else "trigger"
        return f"{root}.{path}"


def _shown_as(row: Condition, found: Found | None) -> str:
    """The type by which the value of a saved row is shown."""
    if found is None or row.operator not in OPERATORS:
        return found.type if found else "any"
    test = Test(row.field, row.operator, row.value, read_as=row.read_as or None)
    return conditions.comparison_of(test, conditions.type_of_test(test, found)).type or "any"


def row_form(
    finder: Known | ItemKnown, *, saved: Known | ItemKnown, operators: Choices
) -> type[ConditionRowForm]:
    """The form class of the rows on one page; `saved` is what was known when the page was rendered."""
    groups = field_groups(finder)
    names = {
        "finder": finder,
        "saved": saved,
        "paths": paths_of(groups),
        "saved_paths": paths_of(field_groups(saved)),
    }
    made: type[ConditionRowForm] = type("ConditionRowForm", (ConditionRowForm,), names)
    made.base_fields["chosen"].widget.choices = field_choices(groups)
    made.base_fields["operator"].widget.choices = operators
    return made
