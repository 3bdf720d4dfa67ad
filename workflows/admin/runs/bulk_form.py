"""The form that starts a workflow many times: a table, which column holds which input, mode and account."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import uuid4

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.workflows.admin.runs.starting_form import NOTE_LENGTH, side_fields
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared
from stripeflow.workflows.definition.scope import scope_of
from stripeflow.workflows.models import WorkflowVersion
from stripeflow.workflows.operations.asking import KEY, Asked
from stripeflow.workflows.operations.table import MAX_TEXT

# Before the names of our columns.
_COLUMN = "column-"


class BulkForm(forms.Form):
    """What every one has. `form_of` adds mode and account where several fit, and the columns of a table."""

    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    key = forms.RegexField(
        rf"^{KEY.pattern}$", widget=forms.HiddenInput, initial=lambda: str(uuid4()), max_length=180
    )
    file = forms.FileField(label=gettext_lazy("CSV file"), required=False)
    table = forms.CharField(
        label=gettext_lazy("Or paste a list of IDs, or CSV with a header"),
        required=False,
        max_length=MAX_TEXT,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
    )

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        file = given.get("file")
        if file is not None:
            given["table"] = self._text_of(file)
        elif not given.get("table", "").strip() and "table" not in self.errors:
            self.add_error("table", _("Choose a file, or paste a table."))
        return given

    def _text_of(self, file: Any) -> str:
        if file.size > MAX_TEXT:
            self.add_error("file", _("The table is too long."))
            return ""
        try:
            return str(file.read().decode("utf-8-sig"))
        except UnicodeDecodeError:
            self.add_error("file", _("The file is not a text in UTF-8."))
            return ""

    def asked(self) -> Asked:
        """Whose key, mode, account and version count for all lines."""
        given = self.cleaned_data
        mode = given.get("mode")
        return Asked(
            {},
            given["key"],
            livemode=mode == "live" if mode else None,
            account=given.get("account") or None,
            version=given["version"] or 0,
        )

    def columns(self) -> dict[str, str]:
        """Which column was chosen for each of ours."""
        given = self.data
        found = {name.removeprefix(_COLUMN): given[name] for name in given if name.startswith(_COLUMN)}
        return {name: column for name, column in found.items() if column}


def form_of(version: WorkflowVersion, data: Any = None, files: Any = None) -> BulkForm:
    """The form of a version; bound to `data` if it is given."""
    fields = side_fields(scope_of(version.document["trigger"]))
    made: type[BulkForm] = type("Form", (BulkForm,), dict(fields))
    return made(data, files)


def column_boxes(
    declared: Sequence[Declared], header: Sequence[str], chosen: Mapping[str, str]
) -> list[dict[str, Any]]:
    """For each of our columns: its box, its label, and which of the table's columns it is read from."""
    boxes = []
    for one in declared:
        for name in KINDS[one.kind].columns(one):
            label = one.label if name == one.name else _("%s: currency") % one.label
            choices = [(column, column == chosen.get(name)) for column in header]
            boxes.append({"name": f"{_COLUMN}{name}", "label": label, "choices": choices})
    return boxes


__all__ = ["NOTE_LENGTH", "BulkForm", "column_boxes", "form_of"]
