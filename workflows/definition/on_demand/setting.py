"""The inputs that a trigger declares: how a document writes them, and what may be wrong with them."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from stripeflow.actions.wording import Text
from stripeflow.triggers import catalogue
from stripeflow.triggers.types.base import Fault, SettingProblem
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.on_demand.kinds import KINDS, Declared

# In a document's trigger. Steps have “inputs” of their own, which are another thing.
NAME_OF_SETTING = "asks_for"
MAX_INPUTS = 30
MAX_LABEL, MAX_HELP, MAX_CHOICE, MAX_CHOICES = 100, 500, 200, 100
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")

_ITEM: dict[str, Any] = {
    "type": "object",
    "required": ["name", "kind", "label"],
    "additionalProperties": False,
    "properties": {
        "name": {
            "type": "string",
            "pattern": f"^{NAME.pattern}$",
            "description": "By which references and callers name it.",
        },
        "kind": {"enum": [*KINDS]},
        "label": {"type": "string", "minLength": 1, "maxLength": MAX_LABEL},
        "help_text": {"type": "string", "maxLength": MAX_HELP},
        "required": {"type": "boolean"},
        "choices": {
            "type": "array",
            "maxItems": MAX_CHOICES,
            "items": {"type": "string", "minLength": 1, "maxLength": MAX_CHOICE},
            "description": "Of the kind `choice`.",
        },
        "of": {
            "type": "string",
            "maxLength": 100,
            "description": "Of the kind `stripe_id`: the object, such as `charge`.",
        },
    },
}


def declared_in(settings: Mapping[str, Any]) -> tuple[Declared, ...]:
    """The inputs that the settings of a trigger declare. One of a kind that is not known is left out."""
    return _all_in(settings.get(NAME_OF_SETTING))


def _all_in(given: Iterable[Json] | None) -> tuple[Declared, ...]:
    return tuple(_declared(one) for one in given or () if one.get("kind") in KINDS)


def _declared(given: Json) -> Declared:
    return Declared(**{**given, "choices": tuple(given.get("choices", ()))})


@dataclass(frozen=True)
class DeclaredInputs:
    """The setting that holds them: a list of {name, kind, label, …}."""

    name: str
    _: KW_ONLY
    label: Text
    help_text: Text = ""
    default: Any = None
    secret: bool = False

    def is_empty(self, value: Any) -> bool:
        """Whether it declares nothing."""
        return not value

    def check(self, raw: Any) -> Iterable[Fault]:
        """Yield what is wrong with each input, which is called by its label."""
        inputs = _all_in(raw)
        names = Counter(field.name for one in inputs for field in KINDS[one.kind].carried(one))
        for number, one in enumerate(inputs):
            for code, message in _faults(one, names):
                yield SettingProblem(f"{self.name}.{number}", code, message)

    def json_schema(self) -> dict[str, Any]:
        """Return the schema of the list."""
        return {"type": "array", "maxItems": MAX_INPUTS, "items": _ITEM}

    def form_field(self) -> forms.Field:
        """Return a field of rows."""
        from stripeflow.workflows.definition.on_demand.form import DeclaredInputsField

        return DeclaredInputsField(label=self.label, help_text=self.help_text)


def _faults(one: Declared, names: Counter[str]) -> Iterator[tuple[str, str]]:
    kind, label = KINDS[one.kind], {"label": one.label}
    for field in kind.carried(one):
        if names[field.name] > 1:
            message = _("The name “%(name)s” of the input “%(label)s” is taken. Choose another one.")
            yield "name_taken", message % {**label, "name": field.name}
    if "choices" in kind.needs:
        if not one.choices:
            yield "no_choices", _("Add the options of the input “%(label)s”.") % label
        elif len(set(one.choices)) < len(one.choices):
            yield (
                "choice_twice",
                _("The input “%(label)s” has the same option twice. Keep one of them.") % label,
            )
    if "of" in kind.needs and one.of not in catalogue.object_names():
        message = _("Choose the kind of object for the input “%(label)s”.")
        yield "no_object", message % label
