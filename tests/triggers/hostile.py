"""Bodies that a stranger, or a strange event, may bring."""

import json

from tests.triggers.stripe_events import charge_event

# Refused with 400 whether signed or not.
HOSTILE_TEXT = {
    "empty": "",
    "null": "null",
    "number": "5",
    "true": "true",
    "text": '"evt_1"',
    "list": "[]",
    "object": "{}",
    "not JSON": "{{{",
    "form": "a=1&b=2",
    "deep list": "[" * 100_000 + "]" * 100_000,
    "deep object": '{"a":' * 100_000 + "1" + "}" * 100_000,
    "deep in an event": json.dumps(charge_event())[:-1] + ',"x":' + "[" * 900 + "]" * 900 + "}",
    "raw NUL": "\x00",
    "raw NUL in a string": '{"id": "evt_\x00"}',
    "raw NUL in an event": json.dumps(charge_event()).replace("cus_1", "cus\x00"),
    "NaN": json.dumps(charge_event(extra=float("nan"))),
    "Infinity": json.dumps(charge_event(extra=float("inf"))),
    "event without data": json.dumps(charge_event(data=None)),
    "event whose data is a list": json.dumps(charge_event(data=[])),
    "thin event without an ID": json.dumps({"object": "v2.core.event", "type": "v2.core.account.closed"}),
    "event of a list": json.dumps([charge_event()]),
}


def _charge(**fields) -> str:
    return json.dumps(charge_event(data={"object": {"id": "ch_1", "object": "charge", **fields}}))


# Taken if signed.
STRANGE_BUT_VALID = {
    "escaped NUL": _charge(description="a\x00b"),
    "lone surrogate": _charge(description="\ud83d"),
    "4000 digits": _charge(amount=10**4000),
    "duplicate keys": _charge()[:-1] + ', "livemode": true, "livemode": false}',
    "ninety levels": _charge()[:-1] + ', "x": ' + "[" * 90 + "]" * 90 + "}",
    "NUL in a key": _charge(**{"a\x00b": 1}),
    "endless float": _charge()[:-1] + ', "extra": 1e999}',
    "5000 digits": _charge()[:-1] + ', "extra": ' + "9" * 5000 + "}",
    "created of 300 digits": json.dumps(charge_event(created=10**299)),
    "event without an object": json.dumps(charge_event(data={})),
    "id with an escaped NUL": json.dumps(charge_event(id="evt_\x00")),
    "many betas": json.dumps(charge_event(api_version="2022-08-01; " + "some_beta=v1; " * 60)),
    "long id": _charge(id="merchants_own_" * 80),
    "unknown type": json.dumps(charge_event(type="Some.NEW-type/of things")),
}
