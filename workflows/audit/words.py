"""Entries of the audit log in words: their origin, and the facts before and after."""

from django.utils.translation import gettext as _

from stripeflow.workflows.audit import names
from stripeflow.workflows.audit.record import Facts
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.models.audit import Via


def who(entry: AuditEntry) -> str:
    """The person, or what acted without one."""
    if entry.user_name:
        return entry.user_name
    return _("the command line") if entry.via == Via.COMMAND else _("nobody who is logged in")


def by(entry: AuditEntry) -> str:
    """The way in: a token by its start, a command by its name."""
    if entry.token:
        return _("API, by the token %s…") % entry.token
    if entry.command:
        return _("Command %s") % entry.command
    return entry.get_via_display()


def facts(found: Facts | None) -> str:
    """A side of the change in one line; "" for nothing."""
    return ", ".join(f"{names.name_of_fact(key)}: {_fact(key, fact)}" for key, fact in (found or {}).items())


def _fact(key: str, fact: object) -> str:
    if isinstance(fact, list):
        return " / ".join(map(str, fact))
    return "—" if fact is None else names.said(key, fact)
