"""The tiles of the gallery of actions. There are hundreds, so each is rendered once for a language."""

from collections.abc import Iterable

from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language

from stripeflow.actions.offers import Offer

_TEMPLATE = "stripeflow/workflows/admin/action_tile.html"
# In place of what differs between requests. No text has such characters.
_ADDRESS, _NAME, _PRESSED = "\x01a", "\x01n", "\x01p"
_MOST = 4096

# By language and key: the offer that a tile was rendered for, and its text.
_rendered: dict[tuple[str, str], tuple[Offer, str]] = {}


def tiles(offers: Iterable[Offer], *, address: str, stars: frozenset[str]) -> SafeString:
    """The tiles of these actions. `address` is that of the gallery with its place, `stars` are the marked."""
    language, where = get_language() or "", str(escape(address))
    texts = []
    for offer in offers:
        is_marked = offer.key in stars
        text = _tile(offer, language).replace(_ADDRESS, where)
        text = text.replace(_NAME, "remove" if is_marked else "add")
        texts.append(text.replace(_PRESSED, "true" if is_marked else "false"))
    return mark_safe("".join(texts))  # noqa: S308  the template has escaped it


def _tile(offer: Offer, language: str) -> str:
    kept = _rendered.get((language, offer.key))
    # An action that is registered by itself may be another one under the same key.
    if kept is not None and kept[0] is offer:
        return kept[1]
    context = {
        "offer": offer,
        "icons": static("stripeflow/workflows/icons.svg"),
        "address": _ADDRESS,
        "name": _NAME,
        "pressed": _PRESSED,
    }
    text = render_to_string(_TEMPLATE, context)
    if len(_rendered) >= _MOST:
        _rendered.clear()
    _rendered[language, offer.key] = (offer, text)
    return text
