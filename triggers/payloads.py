"""What the text of an event says: the payload that workflows see. Each text is read here, and in one way."""

import re
from collections.abc import Mapping
from typing import Any

from stripeflow.triggers import strict_json
from stripeflow.triggers.json_safety import sanitize

# Where an event names the account that it is of, the first one counts: Connect; Connect before API version
# 2017-05-25; and the destinations of an organization, whose context may be a path ("acct_1/acct_2").
_ACCOUNT = ("account", "user_id", "context")
# The escapes of NUL and of surrogates, half a pair of which no database stores.
_UNSTORABLE = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")


def read(text: str, *, of_stripe: bool) -> dict[str, Any]:
    """The payload in a stored text, which was checked when it was accepted; {} if it holds no JSON object.

    `of_stripe`: Stripe's events name their account in several places, others as their source likes.
    """
    try:
        payload = strict_json.parse(text, drop_huge_numbers=True)
    except strict_json.Refused:
        return {}
    if not isinstance(payload, dict):
        return {}
    clean: dict[str, Any] = sanitized(payload, text=text)
    return completed(clean) if of_stripe else clean


def sanitized(payload: Any, *, text: str) -> Any:  # noqa: ANN401  any JSON value
    """The `payload` that was parsed from `text`, as every database accepts it; mostly it needs no copy."""
    return sanitize(payload) if _UNSTORABLE.search(text) else payload


def completed(payload: dict[str, Any]) -> dict[str, Any]:
    """Return `payload` with its account in `account`, wherever the event names it."""
    account = account_of(payload)
    return payload if payload.get("account") == account or not account else {**payload, "account": account}


def account_of(payload: Mapping[str, Any]) -> str:
    """The account that the event is of, whole; "" for the account that the endpoint belongs to."""
    named = (payload.get(name) for name in _ACCOUNT)
    return next((one for one in named if isinstance(one, str) and one), "")
