"""The scope of a trigger in words: on cards, and why an event was not taken."""

from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from stripeflow.workflows.definition.choices import Accounts, Mode
from stripeflow.workflows.definition.scope import Refusal, TriggerScope

_REFUSALS: dict[Refusal, Promise] = {
    Refusal.TEST_EVENT: _("The event is a test event; this workflow takes live ones."),
    Refusal.LIVE_EVENT: _("The event is a live event; this workflow takes test ones."),
    Refusal.OWN_EVENT: _(
        "The event is of your own account; this workflow takes those of connected accounts."
    ),
    Refusal.CONNECTED_EVENT: _(
        "The event is of the connected account %(account)s; this workflow takes those of your own account."
    ),
    Refusal.UNLISTED_ACCOUNT: _(
        "The event is of the connected account %(account)s, which this workflow does not list."
    ),
}

_MARKS: dict[Refusal, Promise] = {
    Refusal.TEST_EVENT: _("Test event"),
    Refusal.LIVE_EVENT: _("Live event"),
    Refusal.OWN_EVENT: _("Own account"),
    Refusal.CONNECTED_EVENT: _("Connected account"),
    Refusal.UNLISTED_ACCOUNT: _("Another account"),
}

_EVENTS: dict[tuple[Mode, Accounts], Promise] = {
    (Mode.LIVE, Accounts.OWN): _("Live events of your own account"),
    (Mode.TEST, Accounts.OWN): _("Test events of your own account"),
    (Mode.BOTH, Accounts.OWN): _("Live and test events of your own account"),
    (Mode.LIVE, Accounts.CONNECTED): _("Live events of all connected accounts"),
    (Mode.TEST, Accounts.CONNECTED): _("Test events of all connected accounts"),
    (Mode.BOTH, Accounts.CONNECTED): _("Live and test events of all connected accounts"),
    (Mode.LIVE, Accounts.ALL): _("Live events of all accounts"),
    (Mode.TEST, Accounts.ALL): _("Test events of all accounts"),
    (Mode.BOTH, Accounts.ALL): _("Live and test events of all accounts"),
}

# One account is named. Not a plural of the counted ones: a language that has none would count it.
_ONE: dict[Mode, Promise] = {
    Mode.LIVE: _("Live events of the connected account %(account)s"),
    Mode.TEST: _("Test events of the connected account %(account)s"),
    Mode.BOTH: _("Live and test events of the connected account %(account)s"),
}

_SEVERAL: dict[Mode, Any] = {
    Mode.LIVE: ngettext_lazy(
        "Live events of %(count)d connected account",
        "Live events of %(count)d connected accounts",
        "count",
    ),
    Mode.TEST: ngettext_lazy(
        "Test events of %(count)d connected account",
        "Test events of %(count)d connected accounts",
        "count",
    ),
    Mode.BOTH: ngettext_lazy(
        "Live and test events of %(count)d connected account",
        "Live and test events of %(count)d connected accounts",
        "count",
    ),
}


def scope_sentence(scope: TriggerScope) -> str:
    """Which events it takes: "Live events of 3 connected accounts"."""
    if scope.accounts is not Accounts.LISTED:
        return str(_EVENTS[scope.mode, scope.accounts])
    if len(scope.listed) == 1:
        return str(_ONE[scope.mode]) % {"account": scope.listed[0]}
    return str(_SEVERAL[scope.mode] % {"count": len(scope.listed)})


def refusal_sentence(refusal: Refusal, account: str) -> str:
    """Why an event of this account was not taken, for people."""
    return str(_REFUSALS[refusal]) % {"account": account}


def refusal_mark(refusal: Refusal) -> str:
    """The same in a word or two."""
    return str(_MARKS[refusal])
