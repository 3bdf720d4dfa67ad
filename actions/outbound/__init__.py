"""The one door to the network besides Stripe and e-mail: HTTP requests to addresses that people type.

`send` checks the address, connects to the very IP address that was checked, and bounds what comes back. It
follows no redirect, and takes nothing from the environment: no proxy, no `.netrc`.

    answer = outbound.send("POST", "https://shop.example/orders", headers={…}, body=b"…")
    answer.checked()          # raises an error of `actions.errors` unless the status is 2xx
    answer.json()
"""

from stripeflow.actions.outbound.answers import Answer
from stripeflow.actions.outbound.origins import AddressRefused, Origin, is_allowed, origin_of
from stripeflow.actions.outbound.sending import MAX_BYTES, METHODS, READING, check_header, send

__all__ = [
    "MAX_BYTES",
    "METHODS",
    "READING",
    "AddressRefused",
    "Answer",
    "Origin",
    "check_header",
    "is_allowed",
    "origin_of",
    "send",
]
