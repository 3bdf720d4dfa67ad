"""Sentences that know how they read without the values in them.

An error tells people what is wrong, often with a value of the event in it. Without the permission to see
payloads they are shown the same sentence, with “…” in place of each value.
"""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from django.utils.functional import Promise

# What is shown to people: a text, or one that is translated once it is shown.
if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise as Text
else:
    Text = str | Promise

HIDDEN: Final = "…"
_NONE: Final[Mapping[str, object]] = {}


class Worded(str):
    """A whole sentence; `public` is the same one without values.

    What is made of it otherwise (a part, a sum, an f-string) is a plain text again, and nobody knows what
    is in that: it is then shown to those only who may see payloads.
    """

    __slots__ = ("public",)
    public: str

    def __new__(cls, whole: str, public: str = "") -> "Worded":
        made = super().__new__(cls, whole)
        made.public = public
        return made

    def __str__(self) -> "Worded":
        # So that the `str` of an exception still knows it.
        return self


def worded(template: object, *, names: Mapping[str, object] = _NONE, **values: object) -> Worded:
    """Fill in a sentence with places such as `%(amount)s` or `{amount}`.

    `names` are what a definition or the code call things, and stand in the public sentence, too; `values`
    do not, but for those that are `Worded` themselves.
    """
    text = str(template)
    hidden = {name: public_of(value) or HIDDEN for name, value in values.items()}
    return Worded(_filled(text, {**names, **values}), _filled(text, {**names, **hidden}))


def changed(text: str, by: Callable[[str], str]) -> str:
    """The text, changed by a function; of a `Worded` one, the public sentence likewise."""
    whole = by(str.__str__(text))
    return Worded(whole, by(text.public)) if isinstance(text, Worded) else whole


def public_of(text: object) -> str:
    """The sentence without values, or "" if nobody knows which they are."""
    return text.public if isinstance(text, Worded) else ""


def _filled(template: str, values: Mapping[str, object]) -> str:
    if not values:
        return template
    return template % values if "%(" in template else template.format_map(values)
