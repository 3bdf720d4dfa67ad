"""What people who may not see payloads may read of an event's errors."""

from django.utils.translation import gettext as _


def error_without_values(error: str) -> str:
    """A sentence in place of a stored error, whose text may quote the payload; "" if there is none."""
    if not error:
        return ""
    return _("There was an error. Reading what it says needs the permission to see payloads.")
