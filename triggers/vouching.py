"""What a proof is good for: an endpoint's secret, or an API key, vouches for no more than is its own.

Stripe sends events of test mode to live endpoints of Connect (https://docs.stripe.com/connect/webhooks), and
never one of live mode to a test endpoint, whose secret many know.
"""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

ENABLED = "enabled"
# What `stripeflow_endpoint --own-account-only` writes into the metadata of the endpoint's row.
ACCOUNTS, OWN_ACCOUNT_ONLY = "stripeflow_accounts", "own"


class NotVouchedFor(ValueError):
    """The proof is genuine, and does not reach as far as the event; the message says why."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Voucher:
    """The events that a proof is good for: of these modes, and of these accounts (None: of all)."""

    livemodes: frozenset[bool]
    accounts: frozenset[str] | None = None

    def check(self, *, livemode: bool, account: str) -> None:
        """Return if it is good for an event of this mode and account. Raises `NotVouchedFor`."""
        if livemode not in self.livemodes:
            raise NotVouchedFor("livemode_mismatch", _mode_message(livemode))
        # The context of an organization may be a path: the last one is the account that it is of.
        if self.accounts is not None and account.rpartition("/")[2] not in self.accounts:
            message = _(
                "This endpoint takes the events of its own account only, and this one is of another. To take "
                "those of connected accounts, run “manage.py stripeflow_endpoint --all-accounts”."
            )
            raise NotVouchedFor("account_mismatch", message)


def of_endpoint(*, livemode: bool, status: str, owner: str | None, metadata: Any) -> Voucher:  # noqa: ANN401
    """What the secret of an endpoint's row vouches for; `owner` is the account that it belongs to, if known.

    Whether an endpoint is one of Connect is in no field of Stripe's that is always filled, so that an account
    is refused only where a person has said so. Raises `NotVouchedFor` if the endpoint is disabled.
    """
    if status != ENABLED:
        message = _(
            "This endpoint is disabled here. To enable it, run “manage.py stripeflow_endpoint” with its ID."
        )
        raise NotVouchedFor("endpoint_disabled", message)
    is_own_only = isinstance(metadata, dict) and metadata.get(ACCOUNTS) == OWN_ACCOUNT_ONLY
    accounts = frozenset({"", owner or ""}) if is_own_only else None
    return Voucher(livemodes=frozenset({False, livemode}), accounts=accounts)


def not_proved() -> NotVouchedFor:
    """The refusal of an event that may be anybody's."""
    message = _(
        "Nothing proves that the event is Stripe's. Set the validation method of dj-stripe's webhook "
        "endpoints to “Verify Signature”."
    )
    return NotVouchedFor("not_proved", message)


def of_key(*, livemode: bool) -> Voucher:
    """What an API key vouches for: Stripe lists the events of the key's own mode by it."""
    return Voucher(livemodes=frozenset({livemode}))


def _mode_message(livemode: bool) -> str:
    if livemode:
        return _(
            "The event is of live mode, and this endpoint is for test mode. Send it to the address of your "
            "live endpoint: “manage.py stripeflow_endpoint --live” prints it."
        )
    return _("The event is of test mode, and what proves it is of live mode.")
