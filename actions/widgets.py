"""Form widgets of action inputs. All of them work without JavaScript, and under a strict CSP with it."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.forms.widgets import Script
from django.utils.translation import gettext_lazy as _

from stripeflow.actions import conf, money
from stripeflow.actions.wording import Text

# Marks a box in which `{{ … }}` may be typed; a picker of values finds its boxes by it.
REFERENCES = {"data-stripeflow-references": "", "autocomplete": "off"}
BLANK_ROWS = 3
MAX_ROWS = 500


class ReferenceInput(forms.TextInput):
    """A line of text in which dynamic references may stand."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs={**REFERENCES, **(attrs or {})})


class ReferenceTextarea(forms.Textarea):
    """Lines of text in which dynamic references may stand."""

    def __init__(self, attrs: dict[str, str] | None = None) -> None:
        super().__init__(attrs={**REFERENCES, "rows": "6", **(attrs or {})})


class MoneyWidget(forms.MultiWidget):
    """One box for major units or a reference, and a choice of the currency."""

    template_name = "stripeflow/actions/money.html"
    use_fieldset = False

    def __init__(self, *, references: bool) -> None:
        box = ReferenceInput if references else forms.TextInput
        currency = forms.Select({"aria-label": _("Currency")}, choices=money.currency_choices())
        super().__init__({"amount": box({"inputmode": "text"}), "currency": currency})

    def decompress(self, value: Any) -> list[str]:
        """Return what the two boxes show for a raw value."""
        if isinstance(value, dict):
            return [money.typed_major(value["amount"], value["currency"]), value["currency"].lower()]
        return [value or "", conf.get("DEFAULT_CURRENCY")]

    def id_for_label(self, id_: str) -> str:
        return f"{id_}_0" if id_ else id_


class RowsWidget(forms.Widget):
    """Rows of two boxes. Blank rows follow the filled ones; with the script, rows are added on demand.

    Its value is a list of {name_key: text, "value": text}. Rows that are blank are left out. With `types`,
    pairs of value and label, a row has a choice of these as well, its "type".
    """

    template_name = "stripeflow/actions/rows.html"
    use_fieldset = True

    class Media:
        js = [Script("stripeflow/actions/rows.js", type="module")]

    def __init__(
        self,
        *,
        name_key: str,
        name_label: Text,
        max_rows: int,
        references: bool = True,
        types: Sequence[tuple[str, Text]] = (),
    ) -> None:
        super().__init__()
        self.references = REFERENCES if references else {}
        self.types = types
        self.name_key = name_key
        self.name_label = name_label
        self.max_rows = max_rows

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = value if isinstance(value, list) else []
        blank = [{self.name_key: "", "value": ""}] * min(BLANK_ROWS, max(self.max_rows - len(rows), 0))
        context["widget"].update(
            name_label=self.name_label,
            references=self.references,
            rows=[self._row(name, index, row) for index, row in enumerate([*rows, *blank])],
            max_rows=str(self.max_rows),
            types=self.types,
        )
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[dict[str, str]]:
        pattern = re.compile(rf"{re.escape(name)}-(\d{{1,6}})-(?:name|type|value)")
        found = {match[1] for key in data if (match := pattern.fullmatch(key))}
        rows = [self._submitted(data, f"{name}-{index}") for index in sorted(found, key=int)[:MAX_ROWS]]
        return [row for row in rows if any(row[key].strip() for key in (self.name_key, "value"))]

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)

    def id_for_label(self, id_: str) -> str:
        return ""

    def _row(self, name: str, index: int, row: dict[str, str]) -> dict[str, str]:
        shown = {"prefix": f"{name}-{index}", "name": row[self.name_key], "value": row["value"]}
        return {**shown, "type": row.get("type", "")}

    def _submitted(self, data: Mapping[str, Any], prefix: str) -> dict[str, str]:
        name, value = data.get(f"{prefix}-name") or "", data.get(f"{prefix}-value") or ""
        kind = {"type": data.get(f"{prefix}-type") or ""} if self.types else {}
        return {self.name_key: name, **kind, "value": with_line_feeds(value)}


def with_line_feeds(text: str) -> str:
    """Return a submitted text with the line ends that a definition document has."""
    return text.replace("\r\n", "\n").replace("\r", "\n")
