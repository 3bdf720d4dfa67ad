"""Reading a field as something else than it is: a text as a number, a list as the number of its items."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.references import Path

_TEXTS = frozenset({"string", "any"})


@dataclass(frozen=True)
class Reading:
    """`of` are the types of fields that can be read so, `type` the type that they are compared as.

    `values` is the key of the `VALUE_TYPES` that reads them, `phrase` names a field that is read so.
    """

    key: str
    label: Promise
    phrase: Promise
    of: frozenset[str]
    type: str
    values: str


READINGS: dict[str, Reading] = {
    entry.key: entry
    for entry in (
        Reading("number", _("a number"), _("{field} as a number"), _TEXTS, "decimal", "number_text"),
        Reading("date", _("a date"), _("{field} as a date"), _TEXTS, "timestamp", "date_text"),
        Reading("boolean", _("yes or no"), _("{field} as yes or no"), _TEXTS, "boolean", "truth_text"),
        Reading(
            "count",
            _("the number of items"),
            _("number of items in {field}"),
            frozenset({"list"}),
            "integer",
            "integer",
        ),
    )
}


def is_metadata(path: Path) -> bool:
    """Whether a path leads to one key of metadata, whose values are texts that people typed."""
    is_steps_own = len(path) == 3 and path[0] == "steps"
    return len(path) > 1 and path[-2] == "metadata" and not is_steps_own
