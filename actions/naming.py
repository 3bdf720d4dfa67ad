"""Suggests names close to an unknown one, for every message that refuses a name."""

from collections.abc import Iterable
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

# Comparing takes longer than linear time; no name of ours is as long.
_LONGEST = 200
# From 0, nothing alike, to 1, the same: "shout" is no misspelt "count" yet.
_CLOSE = 0.7


def close_to(name: Any, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Those of the known names that come close, the closest first."""
    if not isinstance(name, str) or len(name) > _LONGEST:
        return []
    by_lower = {one.lower(): one for one in known}
    near = get_close_matches(name.strip().lower(), by_lower, n=most, cutoff=_CLOSE)
    return [by_lower[one] for one in near]


def did_you_mean(name: Any, known: Iterable[str]) -> str:
    """ "Did you mean …?", or "" if no known name comes close."""
    found = [_("“%s”") % one for one in close_to(name, known)]
    return _("Did you mean %s?") % _(" or ").join(found) if found else ""


def with_close(message: Any, name: Any, known: Iterable[str]) -> str:
    """The message on a name that does not exist, followed by those that come close."""
    return " ".join(filter(None, (str(message), did_you_mean(name, known))))
