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
    "endless float": json.dumps(charge_event(extra=0)).replace('"extra": 0', '"extra": 1e999'),
    "5000 digits": json.dumps(charge_event(extra=0)).replace('"extra": 0', '"extra": ' + "9" * 5000),
    "created of 300 digits": json.dumps(charge_event(created=10**299)),
    "byte order mark": "\ufeff" + json.dumps(charge_event()),
    "thin event": json.dumps(
        {"id": "evt_1", "object": "v2.core.event", "type": "v1.billing.meter.no_meter_found"}
    ),
    "event without an object": json.dumps(charge_event(data={})),
    "event of a list": json.dumps([charge_event()]),
    "id with an escaped NUL": json.dumps(charge_event(id="evt_\x00")),
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
}
