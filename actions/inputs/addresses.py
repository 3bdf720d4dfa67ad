"""The input that is the e-mail address of one customer."""

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from django.utils.translation import gettext as _

from stripeflow.actions.inputs.text import StringInput, is_email

# What a list, a name beside the address, a comment or a quoted local part would need.
_ODD = re.compile(r"[\s\x00-\x1f\x7f\"(),:;<>\[\]\\]")
LONGEST = 254


@dataclass(frozen=True)
class AddressInput(StringInput):
    """One plain e-mail address, mostly a reference to it; `run` gets None if it has no value in the run.

    The step has to say what it is, and the action what becomes of a run that has none.
    """

    max_length: int = LONGEST

    kind: ClassVar[str] = "string"
    strips: ClassVar[bool] = True
    takes: ClassVar[frozenset[str]] = frozenset({"text"})

    def clean(self, value: Any) -> str | None:
        return None if self.is_empty(value) else self.clean_value(value)

    def clean_value(self, value: Any) -> str:
        text = value.strip(" \t") if isinstance(value, str) else value
        return super().clean_value(text)

    def fault(self, text: str) -> str:
        if is_one_address(text.strip(" \t")):
            return ""
        return self.say(_("“%(label)s” must be exactly one e-mail address, without a name beside it."))

    def literal_fault(self, literal: str) -> str:
        # Beside a reference there may be a part of the address, and nothing that makes two of it.
        if _ODD.search(literal.strip(" \t")) or literal.count("@") > 1:
            return self.say(_("“%(label)s” must be exactly one e-mail address, without a name beside it."))
        return ""


def is_one_address(text: str) -> bool:
    """Return whether the text is one plain address (`name@domain`), and nothing beside it.

    Quoted local parts and addresses of a host by number are refused, although standards have them: real
    customers have none, and other software reads them in other ways.
    """
    return len(text) <= LONGEST and not _ODD.search(text) and is_email(text)
