"""What a token may be used for: its scopes, which take away from what its owner may do, and add nothing.

Which permissions a scope covers stands in `permissions.GRANTS`.
"""

from collections.abc import Iterable

from django.db import models
from django.utils.translation import gettext_lazy as _


class Scope(models.TextChoices):
    """A purpose of a token. A new one needs an entry in `permissions.GRANTS`, and no migration."""

    READ = "read", _("Read workflows, runs, events, the names of secrets, and the audit log")
    RUN = "run", _("Act on runs: cancel, retry, release, replay; pause workflows, and use the kill switch")
    EDIT = "edit", _("Make, change and delete workflows and secrets")
    PUBLISH = "publish", _("Activate, deactivate, archive, pause and resume workflows")
    APPROVE = "approve", _("Decide on approvals")
    CUSTOMERS = "customers", _("Do the above also where it changes customers")
    MONEY = "money", _("Do the above also where it moves money")


def parse(text: str) -> frozenset[Scope]:
    """The scopes of a text with spaces between them. A word that is none counts for nothing."""
    known = {scope.value: scope for scope in Scope}
    return frozenset(known[word] for word in text.split() if word in known)


def joined(scopes: Iterable[str]) -> str:
    """The scopes as the text that a token keeps, in the order of `Scope`."""
    wanted = set(scopes)
    return " ".join(scope.value for scope in Scope if scope.value in wanted)
