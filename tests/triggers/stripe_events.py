"""Builders shared by the tests of the inbox."""

import json

import stripe

from stripeflow_site.standin import payloads

SECRET = "whsec_test_secret"


def charge_event(**changes) -> dict:
    charge = payloads.charge(amount=2_000, id="ch_1", customer="cus_1")
    return {**payloads.event("charge.succeeded", charge, id="evt_1", created=1_700_000_000), **changes}


def signed(body: str, *, timestamp: int | None = None, secret: str = SECRET) -> str:
    return stripe.WebhookSignature.generate_signature_header(body, secret, timestamp)


def as_json(payload: object) -> str:
    return json.dumps(payload)
