"""Sentences that have a second version without the values in them.

An error says what is wrong, often with a value of the event. People without the permission to see payloads
get the same sentence with “…” in place of each value.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise

# A text for people, or one that is translated when it is shown.
if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text
else:
    Text = str | Promise

HIDDEN: Final = "…"
_NONE: Final[Mapping[str, object]] = {}


class Worded(str):
    """A whole sentence; `public` is the same one without values.

    Any other use of it (a slice, a sum, an f-string) gives a plain text again. That may hold values, so only
    people who may see payloads get it.
    """

    __slots__ = ("public",)
    public: str

    def __new__(cls, whole: str, public: str = "") -> "Worded":
        made = super().__new__(cls, whole)
        made.public = public
        return made

    def __str__(self) -> "Worded":
        # So that the `str` of an exception keeps the public sentence.
        return self


def worded(template: object, *, names: Mapping[str, object] = _NONE, **values: object) -> Worded:
    """Fill in a sentence with places such as `%(amount)s` or `{amount}`.

    `names` come from a definition or the code, and are in the public sentence, too. `values` are not, except
    those that are `Worded` themselves.
    """
    text = str(template)
    hidden = {name: public_of(value) or HIDDEN for name, value in values.items()}
    return Worded(_filled(text, {**names, **values}), _filled(text, {**names, **hidden}))


def changed(text: str, by: Callable[[str], str]) -> str:
    """The text, changed by a function; for a `Worded` one, the public sentence as well."""
    whole = by(str.__str__(text))
    return Worded(whole, by(text.public)) if isinstance(text, Worded) else whole


def public_of(text: object) -> str:
    """The sentence without values, or "" if they are not known."""
    return text.public if isinstance(text, Worded) else ""


def _filled(template: str, values: Mapping[str, object]) -> str:
    if not values:
        return template
    return template % values if "%(" in template else template.format_map(values)
