"""The address of a raw request: literal parts, and parts that are ids. Pure.

An id that a reference gives stands in braces once it is known: "/v1/invoices/{in_1}/pay". So it is an id
wherever it came from, and never a word of Stripe's that makes another operation of the address.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import quote

from django.utils.translation import gettext as _

from stripeflow.actions.inputs import StringInput
from stripeflow.actions.inputs.references import holds_reference
from stripeflow.actions.inputs.text import scalar_text
from stripeflow.actions.problems import Problem
from stripeflow.workflows.stripe_operations.operations import Operation, operations

_QUOTED = r'"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\''
_REFERENCE = re.compile(rf"(?<=/)\s*(\{{\{{(?:{_QUOTED}|[^{{}}\"'])*\}}\}})\s*(?=/|$)", re.DOTALL)
_LITERAL = re.compile(r"[A-Za-z0-9_\-.:]+")
# What a part of an address may hold: nothing that ends it, or means something to those who pass it on.
_ID = re.compile(r"\{[^/\\{}?#%\x00-\x1f\x7f]{1,255}\}")
_DOTS = frozenset({".", "..", "{.}", "{..}"})
_FIRST = "v1"
# What is refused later, with a sentence.
_NO_ID = "{}"
# In place of a reference that is not known yet.
_ANY_ID = "{id}"
MOST_CHARACTERS = 500


@dataclass(frozen=True)
class PathInput(StringInput):
    """An address below /v1/; references are whole parts of it."""

    max_length: int = MOST_CHARACTERS

    def check_raw(self, raw: Any) -> list[Problem]:
        if not isinstance(raw, str):
            return super().check_raw(raw)
        known = with_any_ids(raw)
        if holds_reference(known):
            message = _("In “%(label)s” a reference has to be a whole part, between two slashes.")
            return [self.problem("invalid", self.say(message))]
        return [self.problem("invalid", fault)] if (fault := self.fault(known)) else []

    def fault(self, text: str) -> str:
        parts = text.strip().split("/")
        if len(text) > self.max_length:
            return super().fault(text)
        if parts[:2] != ["", _FIRST] or len(parts) < 3:
            return self.say(_("“%(label)s” has to begin with /v1/, such as /v1/invoices."))
        if "?" in text or "#" in text:
            return self.say(
                _("“%(label)s” takes no question mark and no #. Give parameters in their own rows.")
            )
        if any(not part or part in _DOTS for part in parts[2:]):
            return self.say(_("“%(label)s” has an empty part, or one of dots only."))
        if not all(_LITERAL.fullmatch(part) or _ID.fullmatch(part) for part in parts[2:]):
            return self.say(
                _(
                    "A part of “%(label)s” has characters that no ID has, such as a space, a slash or a "
                    "percent sign."
                )
            )
        return ""

    def clean_value(self, value: Any) -> str:
        return super().clean_value(value).strip()

    def map_templates(self, raw: Any, function: Callable[[str], Any]) -> Any:
        if not holds_reference(raw):
            return raw
        return _REFERENCE.sub(lambda found: _put(function(found[1])), raw)


def _put(value: Any) -> str:
    # Other functions than rendering change a reference into a reference.
    if holds_reference(value):
        return str(value)
    part = f"{{{scalar_text(value) or ''}}}"
    # What is no ID stays none: it could end its part, and begin another.
    return part if _ID.fullmatch(part) else _NO_ID


def with_any_ids(raw: str) -> str:
    """A raw path with a stand-in for each reference."""
    return _REFERENCE.sub(_ANY_ID, raw)


def sent(path: str) -> str:
    """The address that is sent for a cleaned path: its ids encoded."""
    return "/".join(quote(part[1:-1], safe="") if _ID.fullmatch(part) else part for part in path.split("/"))


@dataclass(frozen=True)
class Matched:
    """The operation that an address is, and the ids in it, in order."""

    operation: Operation
    ids: tuple[str, ...]


def match(verb: str, path: str) -> Matched | None:
    """The operation of the installed SDK with this address; None if it has none.

    `path` may be a raw one. Where a part could be a word of Stripe's or an id, the word comes first, as at
    Stripe; what stands in braces, or is a reference, is an id only.
    """
    parts = tuple(with_any_ids(path.strip()).split("/"))
    found = [one for one in _by_shape().get((verb, len(parts)), ()) if _fits(_parts(one), parts)]
    if not found:
        return None
    best = max(found, key=lambda one: [not _is_place(part) for part in _parts(one)])
    ids = (
        part.removeprefix("{").removesuffix("}")
        for part, place in zip(parts, _parts(best), strict=True)
        if _is_place(place)
    )
    return Matched(best, tuple(ids))


@cache
def _by_shape() -> Mapping[tuple[str, int], tuple[Operation, ...]]:
    found: dict[tuple[str, int], list[Operation]] = {}
    for one in operations().values():
        found.setdefault((one.verb, len(_parts(one))), []).append(one)
    return {shape: tuple(several) for shape, several in found.items()}


@cache
def _parts(operation: Operation) -> tuple[str, ...]:
    return tuple(operation.path.split("/"))


def _fits(places: tuple[str, ...], parts: tuple[str, ...]) -> bool:
    return all(_is_place(place) or place == part for place, part in zip(places, parts, strict=True))


def _is_place(part: str) -> bool:
    return part.startswith("{")
