"""How an input with `secret=True` is written: it names a secret, `{"secret": "shop"}`, and never holds one.

This package does not know where secrets are stored.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from stripeflow.actions.inputs.base import InputField
    from stripeflow.actions.problems import Problem

REFERENCE = "secret"
NAME_LENGTH = 60
NAME_PATTERN = r"[a-z0-9][a-z0-9_-]{0,59}"
_NAME = re.compile(NAME_PATTERN)
# Shown in place of a value that nobody may see.
HIDDEN = "••••"


@dataclass(frozen=True)
class TypedSecret:
    """A new value that a person has typed into a form, before it is kept under a name."""

    value: str = field(repr=False)


def reference_to(name: str) -> dict[str, str]:
    """The raw value of an input that names this secret."""
    return {REFERENCE: name}


def name_in(raw: Any) -> str:  # noqa: ANN401  any JSON value
    """The name of the secret that a raw value refers to; "" if it does not."""
    if not isinstance(raw, dict) or set(raw) != {REFERENCE}:
        return ""
    name = raw[REFERENCE]
    return name if isinstance(name, str) and _NAME.fullmatch(name) else ""


def is_name(text: str) -> bool:
    """Whether it can be the name of a secret; connections have such names, too."""
    return _NAME.fullmatch(text) is not None


def problems(declared: "InputField", raw: Any) -> "list[Problem]":  # noqa: ANN401
    """What is wrong with a raw value of a secret input that is not empty. It is never shown."""
    if name_in(raw):
        return []
    message = _(
        "“%(label)s” has to name a secret, and must not hold its value. Store the value as a secret, and "
        "name it here."
    )
    return [declared.problem("secret_in_clear", declared.say(message))]


def schema() -> dict[str, Any]:
    """The JSON schema of a reference."""
    return {
        "type": ["object", "null"],
        "additionalProperties": False,
        "required": [REFERENCE],
        "properties": {REFERENCE: {"type": "string", "pattern": f"^{NAME_PATTERN}$"}},
    }
