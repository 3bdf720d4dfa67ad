"""The scope of a trigger: which events it takes, by mode and account, before any condition is looked at."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.workflows import conf
from stripeflow.workflows.definition.choices import Accounts, Mode
from stripeflow.workflows.definition.lane import Json

_ACCOUNT = re.compile(r"acct_[A-Za-z0-9_]{1,250}")


class Refusal(StrEnum):
    """Why a trigger does not take an event."""

    TEST_EVENT = "test_event"
    LIVE_EVENT = "live_event"
    OWN_EVENT = "own_event"
    CONNECTED_EVENT = "connected_event"
    UNLISTED_ACCOUNT = "unlisted_account"


@dataclass(frozen=True)
class TriggerScope:
    """Which mode's and whose events a trigger takes; `listed` are the ids of connected accounts.

    `is_chosen` is false until somebody chooses: until then it takes every event.
    """

    mode: Mode = Mode.BOTH
    accounts: Accounts = Accounts.ALL
    listed: tuple[str, ...] = ()
    is_chosen: bool = True

    @property
    def livemode(self) -> bool | None:
        """The mode of the events that it takes; None is both."""
        return None if self.mode is Mode.BOTH else self.mode is Mode.LIVE

    @property
    def only(self) -> AccountMode | None:
        """The one mode and account whose events it takes; None if there may be several."""
        if self.livemode is None or self.account is None:
            return None
        return AccountMode(self.livemode, self.account)

    @property
    def account(self) -> str | None:
        """The one account whose events it takes, "" for our own; None if there may be several."""
        if self.accounts is Accounts.OWN:
            return ""
        return self.listed[0] if self.accounts is Accounts.LISTED and len(self.listed) == 1 else None

    def refusal(self, *, livemode: bool, account: str) -> Refusal | None:
        """Why it does not take an event of this mode and account; None if it does."""
        if self.livemode not in (None, livemode):
            return Refusal.LIVE_EVENT if livemode else Refusal.TEST_EVENT
        if self.accounts in (Accounts.ALL, side_of(account)):
            return None
        if self.accounts is not Accounts.LISTED:
            return Refusal.OWN_EVENT if is_own(account) else Refusal.CONNECTED_EVENT
        return None if account in self.listed else Refusal.UNLISTED_ACCOUNT

    def to_json(self) -> Json:
        """As a document writes it."""
        accounts = list(self.listed) if self.accounts is Accounts.LISTED else str(self.accounts)
        return {"mode": str(self.mode), "accounts": accounts}


UNCHOSEN = TriggerScope(is_chosen=False)


def scope_of(trigger: Json) -> TriggerScope:
    """The scope of a document's trigger."""
    given = trigger.get("scope")
    if given is None:
        return UNCHOSEN
    if isinstance(given["accounts"], str):
        return TriggerScope(Mode(given["mode"]), Accounts(given["accounts"]))
    return TriggerScope(Mode(given["mode"]), Accounts.LISTED, tuple(given["accounts"]))


def is_account_id(text: str) -> bool:
    """Whether it looks like the id of an account."""
    return _ACCOUNT.fullmatch(text) is not None


def is_own(account: str) -> bool:
    """Whether an event of `account` is one of our own; Stripe leaves the account out there."""
    return not account or account in own_accounts()


def side_of(account: str) -> Accounts:
    """On which side `account` is: "own" or "connected"."""
    return Accounts.OWN if is_own(account) else Accounts.CONNECTED


def own_accounts() -> Iterable[str]:
    """The ids of our own accounts, as far as the settings name them."""
    named: Iterable[str] = conf.get("OWN_ACCOUNTS")
    return named
