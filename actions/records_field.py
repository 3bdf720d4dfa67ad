"""The form field of a list of objects: a group of boxes for each."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Script

from stripeflow.actions.form_fields import RawField

if TYPE_CHECKING:
    from stripeflow.actions.inputs.records import RecordsInput


class RecordsWidget(forms.Widget):
    """Groups of boxes. One blank group follows the filled ones; with the script, more are added on demand.

    Its value is a list of what was submitted for each group, by the name of the field. Blank ones are left
    out.
    """

    template_name = "stripeflow/actions/records.html"
    use_fieldset = True

    class Media:
        js = [Script("stripeflow/actions/rows.js", type="module")]

    def __init__(self, fields: Mapping[str, RawField], *, max_rows: int) -> None:
        super().__init__()
        self.fields = fields
        self.max_rows = max_rows

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
        blank: list[dict[str, Any]] = [{}] if len(rows) < self.max_rows else []
        shown = [self._row(f"{name}-{index}", row) for index, row in enumerate([*rows, *blank])]
        context["widget"].update(rows=shown, max_rows=str(self.max_rows))
        return context

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[dict[str, Any]]:
        start = f"{name}-"
        numbers = {key[len(start) :].partition("-")[0] for key in data if key.startswith(start)}
        indexes = sorted(int(one) for one in numbers if one.isascii() and one.isdigit() and len(one) < 5)
        rows = [self._submitted(data, files, f"{name}-{index}") for index in indexes[: self.max_rows]]
        return [row for row in rows if row]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)

    def id_for_label(self, id_: str) -> str:
        return ""

    def _row(self, prefix: str, row: Mapping[str, Any]) -> dict[str, Any]:
        boxes = [
            {
                "label": field.label,
                "required": field.declared.required,
                "help_text": field.help_text,
                "is_more": field.declared.advanced,
                "is_filled": not field.declared.is_empty(row.get(name)),
                "html": field.widget.render(
                    f"{prefix}-{name}", field.prepare_value(row.get(name)), {"aria-label": str(field.label)}
                ),
            }
            for name, field in self.fields.items()
        ]
        more = [box for box in boxes if box["is_more"]]
        is_open = any(box["is_filled"] for box in more)
        return {"main": [box for box in boxes if not box["is_more"]], "more": more, "is_open": is_open}

    def _submitted(self, data: Any, files: Any, prefix: str) -> dict[str, Any]:
        given = {
            name: field.widget.value_from_datadict(data, files, f"{prefix}-{name}")
            for name, field in self.fields.items()
        }
        return {name: value for name, value in given.items() if value not in (None, "", [], ["", ""])}


class RecordsField(RawField):
    """A list of objects; what was submitted of each field becomes its raw value."""

    def __init__(self, declared: "RecordsInput") -> None:
        self.own: dict[str, Any] = {one.name: one.form_field() for one in declared.fields}
        super().__init__(declared, widget=RecordsWidget(self.own, max_rows=declared.max_rows))

    def to_python(self, value: Any) -> list[dict[str, Any]] | None:
        rows = [self._raw(row) for row in value or []]
        return [row for row in rows if row] or None

    def _raw(self, row: Mapping[str, Any]) -> dict[str, Any]:
        raw = {}
        for name, given in row.items():
            field = self.own[name]
            try:
                value = field.to_python(given)
            except ValidationError as error:
                messages = " ".join(error.messages)
                raise ValidationError(f"{field.label}: {messages}", code="invalid") from error
            if not field.declared.is_empty(value):
                raw[name] = value
        return raw
