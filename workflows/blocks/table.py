"""A table of keys and values, which people type into the settings of a step."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from stripeflow.actions.form_fields import RowsField
from stripeflow.actions.inputs.references import holds_reference
from stripeflow.actions.inputs.rows import RowsInput
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded


@dataclass(frozen=True)
class TableInput(RowsInput):
    """Rows of key and value. They hold no references: a table says the same in every run."""

    references: bool = False
    max_rows: int = 200

    kind: ClassVar[str] = "table"
    name_key: ClassVar[str] = "key"

    def check_row(self, index: int, row: dict[str, str], *, earlier: list[dict[str, str]]) -> list[Problem]:
        problems = super().check_row(index, row, earlier=earlier)
        if same(row["key"]) in [same(other["key"]) for other in earlier]:
            message = worded(_("The key “%(key)s” is in the table twice."), names={"key": row["key"]})
            problems.append(self.problem("key", message, path=f"{index}.key"))
        if holds_reference(row["value"]):
            message = worded(
                _("A table cannot hold references. Remove the one in the row “%(key)s”."),
                names={"key": row["key"]},
            )
            problems.append(self.problem("reference", message, path=f"{index}.value"))
        return problems

    def clean_cell(self, row: dict[str, Any]) -> str:
        return str(row["value"])

    def templates(self, raw: Any) -> Iterator[tuple[str, str]]:
        yield from ()

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        return raw

    def form_field(self) -> forms.Field:
        return RowsField(self, name_label=gettext_lazy("Key"))

    def name_missing(self) -> str:
        return worded(_("A row of the table needs a key."))


def same(key: str) -> str:
    """What two keys have in common that count as the same: spaces around them do not."""
    return key.strip()
