"""Links to Stripe's Dashboard."""

import re
from dataclasses import dataclass
from urllib.parse import quote

_BASE = "https://dashboard.stripe.com"
# A prefix and random letters, not all of them small: "fraud_type" is none.
_ID = re.compile(r"[a-z]{2,10}_(?:test_|live_)?(?=[a-z]*[A-Z0-9])[A-Za-z0-9]{6,250}")

# What an id starts with → where the Dashboard shows it. Everything else is found by its search.
_PAGES = {
    "ch": "payments",
    "cus": "customers",
    "dp": "disputes",
    "du": "disputes",
    "evt": "events",
    "in": "invoices",
    "pi": "payments",
    "plink": "payment-links",
    "po": "payouts",
    "prod": "products",
    "py": "payments",
    "sub": "subscriptions",
}


@dataclass(frozen=True)
class Dashboard:
    """Where ids of one event belong: test or live mode, and the connected account, if any."""

    livemode: bool
    account: str = ""

    def url(self, stripe_id: str) -> str:
        """The page of an object, or a search for it; "" for what is no Stripe id."""
        if not is_stripe_id(stripe_id):
            return ""
        page = _PAGES.get(stripe_id.partition("_")[0])
        rest = f"{page}/{quote(stripe_id)}" if page else f"search?query={quote(stripe_id)}"
        return "/".join([_BASE, *self._scope(), rest])

    def _scope(self) -> list[str]:
        account = [quote(self.account)] if self.account else []
        return account if self.livemode else [*account, "test"]


def is_stripe_id(text: str) -> bool:
    """Whether the text looks like the id of a Stripe object."""
    return _ID.fullmatch(text) is not None
