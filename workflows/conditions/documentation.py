"""The tables of docs/conditions.md: `python -m stripeflow.workflows.conditions.documentation`."""

from stripeflow.workflows.conditions.field_types import FIELD_TYPES
from stripeflow.workflows.conditions.operators import OPERATORS, Operator
from stripeflow.workflows.conditions.values import ValueKind
from stripeflow.workflows.references.documentation import DOCS, table, without_settings, write_section

PAGE = DOCS / "conditions.md"

_VALUES = {
    ValueKind.NONE: "",
    ValueKind.ONE: "one, or a field",
    ValueKind.TWO: "two: from, to",
    ValueKind.MANY: "1 to 200",
    ValueKind.DAYS: "days, hours or minutes",
}


def operator_table() -> str:
    """Every operator, with its key in documents, its values, the types that it fits and its meaning."""
    rows = (
        (entry.label, f"`{entry.key}`", _VALUES[entry.value_kind], _types(entry), entry.help_text)
        for entry in OPERATORS.values()
    )
    return table(("Operator", "Key", "Values", "Field types", "Meaning"), rows)


def _types(entry: Operator) -> str:
    return (
        "all"
        if entry.types == FIELD_TYPES.keys()
        else ", ".join(key for key in FIELD_TYPES if key in entry.types)
    )


if __name__ == "__main__":
    without_settings()
    write_section(PAGE, "operators", operator_table())
