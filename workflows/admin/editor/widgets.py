"""Form widgets of the editor."""

from typing import Any

from django import forms


class ValueBox(forms.Textarea):
    """One line that grows: several values are one to a line."""

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"rows": "1", "autocomplete": "off", **(attrs or {})})
