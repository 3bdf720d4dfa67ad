"""A transport that sends nothing: it keeps what the SDK would have sent, and answers as Stripe would."""

import json
from urllib.parse import parse_qsl, urlsplit

import stripe

ANSWER = {
    "id": "any_1",
    "object": "any",
    "amount": 700,
    "amount_due": 700,
    "client_secret": "pi_1_secret_x",
    "currency": "usd",
    "data": [],
    "has_more": False,
}


class Recorder(stripe.HTTPClient):
    name = "recorder"

    def __init__(self):
        super().__init__()
        self.requests = []

    def request(self, method, url, headers, post_data=None, *, _usage=None):
        parts = urlsplit(url)
        sent = dict(parse_qsl(post_data or parts.query, keep_blank_values=True))
        self.requests.append((method, parts.path, sent, headers.get("Idempotency-Key")))
        return json.dumps(ANSWER), 200, {}


def sample(field):
    """A rendered value that an input takes."""
    choices = getattr(field, "choices", ())
    return {
        "boolean": lambda: True,
        "choice": lambda: choices[0][0],
        "id": lambda: f"id_{field.of.rpartition('.')[2] or 'any'}",
        "integer": lambda: 7,
        "json": lambda: [{"a": "b"}],
        "metadata": lambda: [{"key": "k", "value": "v"}],
        "moment": lambda: 1_800_000_000,
        "money": lambda: {"amount": 500, "currency": "usd"},
        "number": lambda: "7.5",
        "records": lambda: [{one.name: sample(one) for one in field.fields}],
        "several": lambda: [choices[0][0]],
        "string": lambda: "usd" if "currency" in field.name else "a@example.com",
        "text": lambda: "Some words",
        "texts": lambda: ["a", "b"],
    }[field.kind]()
