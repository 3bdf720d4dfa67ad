"""What an operation is called: "Retrieve an invoice", in the reader's language, and the object it is
about.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from django.utils.functional import lazy
from django.utils.translation import get_language, override
from django.utils.translation import gettext as in_language
from django.utils.translation import gettext_lazy as _

from stripeflow.actions.wording import Text
from stripeflow.triggers.catalogue import docstrings, labels
from stripeflow.workflows.stripe_operations.curated import CURATED, OBJECTS
from stripeflow.workflows.stripe_operations.operations import Operation

# A sentence for each verb; `object` has its article where the language has one. `objects` are several.
SENTENCES = {
    "approve": _("Approve %(object)s"),
    "archive": _("Archive %(object)s"),
    "cancel": _("Cancel %(object)s"),
    "capture": _("Capture %(object)s"),
    "close": _("Close %(object)s"),
    "confirm": _("Confirm %(object)s"),
    "create": _("Create %(object)s"),
    "deactivate": _("Deactivate %(object)s"),
    "delete": _("Delete %(object)s"),
    "expire": _("Expire %(object)s"),
    "list": _("List %(objects)s"),
    "reject": _("Reject %(object)s"),
    "retrieve": _("Retrieve %(object)s"),
    "search": _("Search %(objects)s"),
    "update": _("Update %(object)s"),
}
_OTHER = _("%(object)s: %(verb)s")

_KEEPS_CASE = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")


def label_of(operation: Operation) -> Text:
    """The label of an operation's action, in the reader's language."""
    curated = CURATED.get(operation.key)
    return curated.label if curated else _lazily(lambda: _said(operation, get_language()))


def description_of(operation: Operation) -> Text:
    """What it does, in a sentence: ours where there is one, else the first one of Stripe's documentation."""
    curated = CURATED.get(operation.key)
    if curated and curated.description:
        return curated.description
    return first_sentence(operation.doc)


def category_of(operation: Operation) -> Text:
    """The object by which the gallery sorts it: that of the first part of its resource."""
    return object_words(operation.resource.partition(".")[0])


def object_words(resource: str) -> Text:
    """What a resource is about, several of it: "Invoices"."""
    if resource in OBJECTS:
        return OBJECTS[resource][1]
    # Stripe's areas have translations in the catalogue of events.
    return _lazily(lambda: in_language(labels.humanize(resource)))


def english(operation: Operation) -> str:
    """The label in English, by which it is found in every language."""
    with override("en"):
        return str(label_of(operation))


def first_sentence(doc: str) -> str:
    """The first sentence of a docstring, in plain text."""
    text = docstrings.clean(doc)
    first, stop, _rest = text.partition(". ")
    return f"{first}." if stop else first


@lru_cache(maxsize=4096)
def _said(operation: Operation, _language: str | None) -> str:
    return _sentence(operation)


def _sentence(operation: Operation) -> str:
    one, several = _names(operation.resource)
    is_vowel = one[:1].lower() in "aeiou" and not one.lower().startswith(("us", "uni"))
    with_article = (_("an %(object)s") if is_vowel else _("a %(object)s")) % {"object": one}
    words = {"object": with_article, "objects": several}
    if operation.method in SENTENCES:
        return str(SENTENCES[operation.method]) % words
    return str(_OTHER) % {"verb": _small(labels.humanize(operation.method)), "object": _upper(one)}


def _names(resource: str) -> tuple[str, str]:
    """One and several of what a resource is about, as they stand within a sentence."""
    if resource in OBJECTS:
        one, several = OBJECTS[resource]
        return _small(str(one)), _small(str(several))
    *above, last = resource.split(".")
    words = labels.humanize(last)
    several = f"{_singular(labels.humanize(above[-1]))} {_small(words)}" if above else words
    return _small(_singular(several)), _small(several)


def _singular(words: str) -> str:
    for ending, single in (("ies", "y"), ("sses", "ss"), ("statuses", "status"), ("s", "")):
        if words.endswith(ending) and not words.endswith(("ss", "us", "settings", "balance")):
            return f"{words.removesuffix(ending)}{single}"
    return words


def _small(words: str) -> str:
    """The words as they stand within a sentence: small, but for names such as “SEPA”."""
    return words if words[1:2] in _KEEPS_CASE else words[:1].lower() + words[1:]


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]


def _call(function: Callable[[], str]) -> str:
    return function()


_lazily = lazy(_call, str)

__all__ = ["category_of", "description_of", "english", "first_sentence", "label_of", "object_words"]
