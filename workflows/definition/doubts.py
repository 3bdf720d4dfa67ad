"""Why a path may be empty: sentences on fields that the catalogue does not list, or no longer lists.

Stripe may send more than its SDK lists, so these are warnings, not refusals.
"""

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from stripeflow.actions.naming import close_to
from stripeflow.triggers import catalogue
from stripeflow.triggers.catalogue import Field, FieldType
from stripeflow.triggers.recent import Recent, Seen

if TYPE_CHECKING:
    from stripeflow.workflows.definition.sources import Source


def doubt_of(source: "Source", path: str, field: Field | None) -> str:
    """A sentence or two on a path below `source`; `field` is what an older version of the API had there."""
    held = source.recent()
    seen = held.seen(path)
    if seen is not None and seen.events:
        return f"{_unlisted(source, path, field)} {_have(seen)}"
    if owner := _id_above(source, path):
        return _(
            "“%(field)s” is an ID in the event, so that “%(path)s” is not in it. Retrieve the object in an "
            "earlier step, and take the value from there."
        ) % {"field": owner.label, "path": path}
    meant = "" if field is not None else near(source, path)
    reasons = (_unlisted(source, path, field), _have_not(source, held), meant)
    return " ".join(text for text in reasons if text)


def near(source: "Source", path: str) -> str:
    """ "Did you mean …?" for a name that comes close to one that is known; else ""."""
    parent, name = _stray(source, path)
    names = [one.name for one in (*source.children(parent), *source.recent().children(parent))]
    found = close_to(name, dict.fromkeys(names), most=1)
    if not found:
        return ""
    whole = ".".join((*(parent.split(".") if parent else ()), found[0]))
    return _("Did you mean “%s”?") % whole


def _unlisted(source: "Source", path: str, field: Field | None) -> str:
    if field is not None:
        return _("“%(path)s” is not in Stripe's API version %(version)s and later.") % {
            "path": path,
            "version": field.until,
        }
    if source.described is None:
        return _("Which fields these events carry is not known here, so that “%s” cannot be checked.") % path
    return _("“%(path)s” is not in Stripe's API version %(version)s.") % {
        "path": path,
        "version": catalogue.api_version(),
    }


def _have(seen: Seen) -> str:
    if not seen.versions:
        return _("Your recent events have it.")
    return _("Your recent events have it (API version %s).") % ", ".join(list(seen.versions)[:3])


def _have_not(source: "Source", held: Recent) -> str:
    if not source.has_events:
        return ""
    if not held.events:
        return _("No event of this type has come yet that could show it.")
    return _("None of the newest events of this type has it (%d were looked at).") % held.events


def _id_above(source: "Source", path: str) -> Field | None:
    """The ID that a path goes through, as in `customer.email`."""
    parent, _name = _stray(source, path)
    field = source.listed(parent) if parent else None
    return field if field is not None and field.type is FieldType.ID else None


def _stray(source: "Source", path: str) -> tuple[str, str]:
    """Where a path leaves what is listed: the part that is listed, and the name behind it."""
    parts = path.split(".")
    for depth in range(len(parts) - 1, 0, -1):
        if source.listed(".".join(parts[:depth])) is not None:
            return ".".join(parts[:depth]), parts[depth]
    return "", parts[0]
