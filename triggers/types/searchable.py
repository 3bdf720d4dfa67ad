"""A select that a script makes searchable."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe


class SearchableSelect(forms.Select):
    """A select with many grouped options; a script makes it searchable.

    Its options are written without a template for each: a page may hold thousands of them.
    """

    def __init__(self, attrs: dict[str, Any] | None = None, choices: Iterable[Any] = ()) -> None:
        super().__init__({"data-stripeflow-search": "", **(attrs or {})}, choices)

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        given = forms.utils.flatatt(self.build_attrs(self.attrs, {**(attrs or {}), "name": name}))
        chosen = "" if value is None else str(value)
        html = "".join(_entry(entry, chosen) for entry in self.choices)
        if chosen and " selected>" not in html:
            # A value that is no longer offered is shown all the same, or it would be lost unnoticed.
            html = _entry((chosen, chosen), chosen) + html
        return format_html("<select{}>{}</select>", given, mark_safe(html))  # noqa: S308 - escaped below


def _entry(entry: tuple[Any, Any], chosen: str) -> str:
    value, label = entry
    if isinstance(label, list | tuple):
        inner = "".join(_entry(child, chosen) for child in label)
        return f'<optgroup label="{escape(value)}">{inner}</optgroup>'
    mark = " selected" if str(value) == chosen else ""
    return f'<option value="{escape(value)}"{mark}>{escape(label)}</option>'
