"""Spans of time for people."""

from datetime import datetime, timedelta

from django.utils.translation import gettext as _


def duration(start: datetime | None, end: datetime | None) -> str:
    """How long it took: "120 ms", "1.4 s", "2 min 5 s", "3 h 20 min"; "" if it has not ended."""
    if start is None or end is None:
        return ""
    return span(max(end - start, timedelta()))


def span(length: timedelta) -> str:
    """A length of time in its two largest units."""
    seconds = length.total_seconds()
    if seconds < 1:
        return _("%d ms") % round(seconds * 1000)
    if seconds < 60:
        return _("%s s") % f"{seconds:.1f}".removesuffix(".0")
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": rest}
    hours, minutes = divmod(minutes, 60)
    if hours < 48:
        return _("%(hours)d h %(minutes)d min") % {"hours": hours, "minutes": minutes}
    return _("%(days)d days %(hours)d h") % {"days": hours // 24, "hours": hours % 24}
