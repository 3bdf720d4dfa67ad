"""What a token may be used for: its scopes, which take away from what its owner may do, and add nothing.

Which permissions a scope covers stands in `permissions.GRANTS`.
"""

import copy
from collections.abc import Callable, Iterable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import models
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

# Where a user that came by a token carries the token's scopes; without it the user came in person.
_CARRIED = "stripeflow_scopes"


class Scope(models.TextChoices):
    """A purpose of a token. A new one needs an entry in `permissions.GRANTS`, and no migration."""

    READ = "read", _("Read workflows, runs, events, the names of secrets, and the audit log")
    RUN = "run", _("Act on runs: cancel, retry, release, replay; pause workflows, and use the kill switch")
    EDIT = "edit", _("Make, change and delete workflows and secrets")
    PUBLISH = "publish", _("Activate, deactivate, archive, pause and resume workflows")
    CUSTOMERS = "customers", _("Do the above also where it changes customers")
    MONEY = "money", _("Do the above also where it moves money")


class InsufficientScope(PermissionDenied):
    """The user may do it, but the token may not. `scopes` are those that it lacks."""

    def __init__(self, scopes: Iterable[Scope]) -> None:
        self.scopes = tuple(scopes)
        names = ", ".join(f"“{scope.value}”" for scope in self.scopes)
        super().__init__(_now("The token lacks the scope %s. Use a token that has it, or make one.") % names)


def parse(text: str) -> frozenset[Scope]:
    """The scopes of a text with spaces between them. A word that is none counts for nothing."""
    known = {scope.value: scope for scope in Scope}
    return frozenset(known[word] for word in text.split() if word in known)


def joined(scopes: Iterable[str]) -> str:
    """The scopes as the text that a token keeps, in the order of `Scope`."""
    wanted = set(scopes)
    return " ".join(scope.value for scope in Scope if scope.value in wanted)


def confine(user: Any, scopes: frozenset[Scope]) -> None:
    """Have this object of `user` do no more than the scopes allow."""
    setattr(user, _CARRIED, scopes)


def came_by_token(user: Any) -> bool:
    """Whether this object of the user came by a token, and not in person."""
    return getattr(user, _CARRIED, None) is not None


def allow(user: Any, scope: Scope | None) -> bool:
    """Whether `user` came in person, or by a token that has `scope`; None is a scope that nobody has."""
    carried = getattr(user, _CARRIED, None)
    return carried is None or scope in carried


def lacking(user: Any, question: Callable[[Any], bool]) -> list[Scope]:
    """The scopes without which `question` is answered no; none if it is no for another reason."""
    carried = getattr(user, _CARRIED, None)
    if carried is None or not question(_confined(user, frozenset(Scope))):
        return []
    needed = set(Scope)
    # The strongest first, so that what reading is enough for asks for no more.
    for scope in reversed(Scope):
        if question(_confined(user, carried | (needed - {scope}))):
            needed.discard(scope)
    return [scope for scope in Scope if scope in needed]


def _confined(user: Any, scopes: frozenset[Scope]) -> Any:
    twin = copy.copy(user)
    confine(twin, scopes)
    return twin
