"""The account and mode of an object. An id alone is ambiguous: two accounts may have a coupon of one id."""

from typing import NamedTuple, Protocol

from django.utils.translation import gettext as _

# In place of an account: all accounts of one mode. No account of Stripe has this id.
EVERY_ACCOUNT = "*"


class Owned(Protocol):
    """A row with both columns: an event, or what was copied from one."""

    livemode: bool
    account: str


class AccountMode(NamedTuple):
    """One account in one mode; `account` is "" for our own."""

    livemode: bool
    account: str

    @classmethod
    def of(cls, row: Owned) -> "AccountMode":
        return cls(row.livemode, row.account)

    @property
    def mode(self) -> str:
        """Stripe's word for the mode."""
        return "live" if self.livemode else "test"

    @property
    def label(self) -> str:
        """As people read it."""
        mode = _("live mode") if self.livemode else _("test mode")
        if self.account == EVERY_ACCOUNT:
            return _("all accounts, %s") % mode
        if not self.account:
            return _("our own account, %s") % mode
        return _("%(account)s, %(mode)s") % {"account": self.account, "mode": mode}
