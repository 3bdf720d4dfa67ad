"""How people declare the inputs of a trigger: one row of boxes for each."""

import re
from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.widgets import Script
from django.utils.text import slugify
from django.utils.translation import gettext as _

from stripeflow.triggers import catalogue
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.fields import PREFIXES
from stripeflow.workflows.definition.on_demand.kinds import KINDS
from stripeflow.workflows.definition.on_demand.setting import (
    MAX_CHOICE,
    MAX_CHOICES,
    MAX_HELP,
    MAX_INPUTS,
    MAX_LABEL,
    NAME,
)

_BLANK = 2
_BOXES = ("label", "name", "kind", "required", "of", "choices", "help_text")


class DeclaredInputsWidget(forms.Widget):
    """Rows, and blank ones below, which the script adds on demand. One without a label is left out."""

    template_name = "stripeflow/workflows/on_demand/inputs.html"
    use_fieldset = True

    class Media:
        js = [Script("stripeflow/actions/rows.js", type="module")]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        rows = list(value or [])
        blank: list[Json] = [{}] * min(_BLANK, max(MAX_INPUTS - len(rows), 0))
        context["widget"] |= {
            "rows": [_row(f"{name}-{number}", one) for number, one in enumerate([*rows, *blank])],
            "max_rows": str(MAX_INPUTS),
            "kinds": [(kind.key, str(kind.label)) for kind in KINDS.values()],
            "objects": _objects(),
            "most": {"label": MAX_LABEL, "help_text": MAX_HELP},
        }
        return context

    def value_from_datadict(self, data: Mapping[str, Any], files: object, name: str) -> list[Json]:
        pattern = re.compile(rf"{re.escape(name)}-(\d{{1,6}})-label")
        numbers = sorted(int(match[1]) for key in data if (match := pattern.fullmatch(key)))
        rows = [_posted(data, f"{name}-{number}") for number in numbers[: MAX_INPUTS + 1]]
        return _named([row for row in rows if row.get("label")])

    def value_omitted_from_data(self, data: Mapping[str, Any], files: object, name: str) -> bool:
        return not any(key.startswith(f"{name}-") for key in data)

    def id_for_label(self, id_: str) -> str:
        return ""


class DeclaredInputsField(forms.Field):
    """Its value is the list as a document has it; one that a document may not have is refused."""

    widget = DeclaredInputsWidget

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs, required=False, template_name="stripeflow/actions/field.html")

    def has_changed(self, initial: Any, data: Any) -> bool:
        return (initial or []) != (data or [])

    def clean(self, value: Any) -> list[Json] | None:
        rows: list[Json] = list(value or [])
        if faults := [fault for one in rows for fault in _faults(one)]:
            raise ValidationError(faults)
        if len(rows) > MAX_INPUTS:
            raise ValidationError(_("At most %d inputs are possible.") % MAX_INPUTS)
        return rows or None


def _faults(one: Json) -> list[str]:
    """What a document could not hold. All else is said by the problems of the workflow."""
    label = {"label": one["label"][:MAX_LABEL]}
    too_long = _("The text of the input “%(label)s” is too long.")
    odd_name = _("The name of the input “%(label)s” may hold a-z, 0-9 and _ only.")
    checks = [
        (not NAME.fullmatch(one["name"]), odd_name),
        (one["kind"] not in KINDS, _("Choose the kind of the input “%(label)s”.")),
        (len(one["label"]) > MAX_LABEL or len(one.get("help_text", "")) > MAX_HELP, too_long),
        (any(len(choice) > MAX_CHOICE for choice in one.get("choices", ())), too_long),
        (len(one.get("choices", ())) > MAX_CHOICES, _("The input “%(label)s” has too many choices.")),
    ]
    return [message % label for is_wrong, message in checks if is_wrong]


def _posted(data: Mapping[str, Any], prefix: str) -> Json:
    """A row as a document has it, without what its kind does not need."""
    given = {box: (data.get(f"{prefix}-{box}") or "").strip() for box in _BOXES}
    needs = KINDS[given["kind"]].needs if given["kind"] in KINDS else ()
    row: Json = {name: given[name] for name in ("name", "kind", "label")}
    if given["help_text"]:
        row["help_text"] = given["help_text"]
    if given["required"]:
        row["required"] = True
    if "choices" in needs:
        row["choices"] = [one.strip() for one in given["choices"].splitlines() if one.strip()]
    if "of" in needs:
        row["of"] = given["of"]
    return row


def _named(rows: list[Json]) -> list[Json]:
    """The rows, each with a name: where it has none, one that follows from its label."""
    taken = {row["name"] for row in rows}
    for number, row in enumerate(rows, start=1):
        if not row["name"]:
            made = re.sub(r"[^a-z0-9]+", "_", slugify(row["label"])).strip("_")[:30]
            made = made if NAME.fullmatch(made) else f"input_{number}"
            row["name"] = next(one for one in _variants(made) if one not in taken)
            taken.add(row["name"])
    return rows


def _variants(name: str) -> list[str]:
    return [name, *(f"{name}_{number}" for number in range(2, MAX_INPUTS + 3))]


def _row(prefix: str, one: Json) -> Json:
    return {"prefix": prefix, **one, "choices": "\n".join(one.get("choices", ()))}


def _objects() -> list[tuple[str, str]]:
    """The objects whose IDs can be told apart first, then all others."""
    first = [one for one in dict.fromkeys(PREFIXES.values()) if one in catalogue.object_names()]
    others = [one for one in catalogue.object_names() if one not in first]
    return [
        (one, str(catalogue.object_label(one)))
        for names in (first, others)
        for one in sorted(names, key=lambda name: str(catalogue.object_label(name)))
    ]
