"""Hostile webhook requests, made from a seed: what strangers send, and what a strange Stripe would sign."""

import copy
import json
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from stripeflow_site.standin import payloads
from stripeflow_site.standin.delivery import signature_header
from tests.triggers.hostile import HOSTILE_TEXT, STRANGE_BUT_VALID

# The cap on bodies, `WEBHOOK_BODY_LIMIT_BYTES`.
LIMIT = 1_048_576
NEAR_LIMIT = (LIMIT - 1, LIMIT, LIMIT + 1, LIMIT + 5_000)
# Shares of the requests; large ones cost the machine most.
LARGE_SHARE = 0.002
DEEP = (20, 95, 99, 101, 120, 1_000)
OTHER_SECRET = "whsec_of_somebody_else"

TYPES = (
    "payment_intent.succeeded",
    "charge.succeeded",
    "customer.updated",
    "radar.early_fraud_warning.created",
)
STRANGE: tuple[Any, ...] = (
    *(None, True, False, 0, -1, 1.5, -0.0, 2**31, 2**63, 10**30, 10**400, 1e308, 5e-324, float("nan")),
    *(253_402_214_399, 253_402_214_400, -62_135_596_800, "1", "", " ", "a" * 255, "a" * 256, "a" * 5_000),
    *("\x00", "a\x00b", "\ud83d", "\udc00x", "é́", "\u202eabc", "\ufeff", "\U0001f4a3", "\r\n\t", "evt_\x00"),
    *(
        "{{ event.id }}",
        "{% x %}",
        "' OR 1=1 --",
        "<script>",
        "../../etc",
        "%s%n",
        "stripeflow:x:tag:1",
        "usd",
    ),
    *([], {}, [[]], [None], {"": None}, {"a\x00": 1}, {"id": "ch_1"}, [1, "a", {}], ["a"] * 300),
)
CONTENT_TYPES = (
    "application/json",
    "application/json; charset=bogus",
    "text/plain; charset=utf-16",
    "multipart/form-data",
    "multipart/form-data; boundary=x",
    "application/x-www-form-urlencoded",
    "",
    "\xff",
)


@dataclass(frozen=True)
class Shot:
    """One POST to the webhook."""

    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


def unsigned(rng: random.Random, number: int, secret: str) -> Shot:
    """Anything at all, with a signature that proves nothing."""
    body = rng.choice(_BODIES)(rng, number)
    headers = {"Content-Type": rng.choice(CONTENT_TYPES), **rng.choice(_FORGERIES)(rng, body, secret)}
    if rng.random() < 0.05:
        headers["X-Forwarded-For"] = rng.choice(["unknown", "1.2.3.4, ::1", "\xff", "'"])
    return Shot(body, headers)


def signed(rng: random.Random, number: int, secret: str) -> Shot:
    """A strange body, rightly signed just now; most have an id of their own."""
    body = _large(rng, number) if rng.random() < LARGE_SHARE else rng.choice(_SIGNED)(rng, number)
    return Shot(body, {"Content-Type": "application/json", **_sign(body, secret)})


def event(rng: random.Random, number: int) -> dict[str, Any]:
    """An event as Stripe sends it."""
    subject = rng.choice([_payment, _charge, _customer])(rng)
    envelope = payloads.event(rng.choice(TYPES), subject, id=f"evt_fuzz_{number}", created=int(time.time()))
    return copy.deepcopy(envelope)


def mutated(rng: random.Random, value: dict[str, Any]) -> dict[str, Any]:
    """The same with one to four places changed, removed, added or wrapped, anywhere in it."""
    for _ in range(rng.randint(1, 4)):
        # Nothing may be left of it.
        if not (places := _places(value)):
            break
        holder, key = rng.choice(places)
        rng.choice([_replace, _replace, _remove, _add, _wrap, _sink])(rng, holder, key)
    return value


def _payment(rng: random.Random) -> dict[str, Any]:
    currency = rng.choice(["usd", "eur", "jpy", "xxx"])
    return payloads.payment_intent(amount=rng.choice([2_000, 20_000, 90_000]), currency=currency)


def _charge(rng: random.Random) -> dict[str, Any]:
    return payloads.charge(amount=rng.randint(1, 10**9))


def _customer(rng: random.Random) -> dict[str, Any]:
    return payloads.customer(metadata={"a": str(rng.random())})


# Changes of one place

Holder = Any
Place = tuple[Holder, Any]


def _places(value: Any) -> list[Place]:
    """(holder, key) of everything in `value`; the envelope's own counts often, being read by us."""
    found: list[Place] = [(value, key) for key in value] * 6
    waiting = list(value.values())
    while waiting:
        inner = waiting.pop()
        keys = (
            list(inner)
            if isinstance(inner, dict)
            else list(range(len(inner)))
            if isinstance(inner, list)
            else []
        )
        found += [(inner, key) for key in keys]
        waiting += [inner[key] for key in keys]
    return found


def _replace(rng: random.Random, holder: Holder, key: Any) -> None:
    holder[key] = copy.deepcopy(rng.choice(STRANGE))


def _remove(_rng: random.Random, holder: Holder, key: Any) -> None:
    # A later change may find the place gone.
    if isinstance(holder, dict):
        holder.pop(key, None)


def _add(rng: random.Random, holder: Holder, _key: Any) -> None:
    if isinstance(holder, dict):
        holder[rng.choice(["__proto__", "", "a\x00", "\ud800", "id", "object", "x" * 300])] = _any(rng)


def _wrap(_rng: random.Random, holder: Holder, key: Any) -> None:
    if isinstance(holder, dict) and key in holder:
        holder[key] = [holder[key]]


def _sink(rng: random.Random, holder: Holder, key: Any) -> None:
    if isinstance(holder, dict) and key in holder:
        for _ in range(rng.choice(DEEP[:4])):
            holder[key] = {"a": holder[key]}


def _any(rng: random.Random) -> Any:
    return copy.deepcopy(rng.choice(STRANGE))


# Bodies

Body = Callable[[random.Random, int], bytes]


def _noise(rng: random.Random, _number: int) -> bytes:
    return rng.randbytes(rng.choice([0, 1, 10, 200, 3_000]))


def _plain(rng: random.Random, number: int) -> bytes:
    return json.dumps(event(rng, number)).encode()


def _mutated(rng: random.Random, number: int) -> bytes:
    return json.dumps(mutated(rng, event(rng, number))).encode()


def _mutated_as_text(rng: random.Random, number: int) -> bytes:
    """With characters as they are instead of as escapes; some are no UTF-8 then."""
    return json.dumps(mutated(rng, event(rng, number)), ensure_ascii=False).encode(errors="surrogatepass")


def _cut(rng: random.Random, number: int) -> bytes:
    whole = _plain(rng, number)
    return whole[: rng.randrange(len(whole))]


def _flipped(rng: random.Random, number: int) -> bytes:
    found = bytearray(_plain(rng, number))
    for _ in range(rng.randint(1, 8)):
        found[rng.randrange(len(found))] = rng.randrange(256)
    return bytes(found)


def _twice(rng: random.Random, number: int) -> bytes:
    """Keys that are there two times."""
    key = rng.choice(["id", "type", "created", "livemode", "data", "object"])
    extra = f"{json.dumps(key)}: {json.dumps(_any(rng))}"
    text = json.dumps(event(rng, number))
    return (f"{{{extra}, {text[1:]}" if rng.random() < 0.5 else f"{text[:-1]}, {extra}}}").encode()


def _deep(rng: random.Random, number: int) -> bytes:
    depth = rng.choice(DEEP)
    brackets = rng.choice([("[" * depth, "]" * depth), ('{"a":' * depth + "1", "}" * depth)])
    return f'{json.dumps(event(rng, number))[:-1]}, "deep": {"".join(brackets)}}}'.encode()


def _numbers(rng: random.Random, number: int) -> bytes:
    strange = rng.choice(
        ["1e999", "-1e999", "9" * 4_300, "9" * 4_301, "0.1e-400", "1E400", "-", "01", "1.", "0x1"]
    )
    return f'{json.dumps(event(rng, number))[:-1]}, "number": {strange}}}'.encode()


def _thin(rng: random.Random, number: int) -> bytes:
    thin = {
        "id": f"evt_fuzz_{number}",
        "object": "v2.core.event",
        "type": "v1.billing.meter.error_report_triggered",
        "created": "2026-01-01T00:00:00.000Z",
        "related_object": {"id": "mtr_1", "type": "billing.meter", "url": "/v1/billing/meters/mtr_1"},
    }
    return json.dumps(mutated(rng, thin) if rng.random() < 0.5 else thin).encode()


def _known(rng: random.Random, _number: int) -> bytes:
    return rng.choice(list(HOSTILE_TEXT.values())).encode(errors="surrogatepass")


def _strange(rng: random.Random, number: int) -> bytes:
    text = rng.choice(list(STRANGE_BUT_VALID.values()))
    return text.replace("evt_1", f"evt_fuzz_{number}").encode(errors="surrogatepass")


def _large(rng: random.Random, number: int) -> bytes:
    """A body as long as the cap, or one byte more or less."""
    text = json.dumps(event(rng, number))[:-1] + ', "pad": "'
    return f'{text}{"a" * (rng.choice(NEAR_LIMIT) - len(text) - 2)}"}}'.encode()


_SIGNED: tuple[Body, ...] = (
    *(_mutated,) * 8,
    *(_mutated_as_text, _flipped, _twice, _twice, _deep, _numbers, _thin, _known, _strange, _plain, _cut),
)
_BODIES: tuple[Body, ...] = (*_SIGNED, _noise)


# Signatures

Forgery = Callable[[random.Random, bytes, str], dict[str, str]]


def _sign(body: bytes, secret: str, *, late: int = 0) -> dict[str, str]:
    header = signature_header(body, timestamp=int(time.time()) + late, secrets=(secret,))
    return {"Stripe-Signature": header}


def _none(_rng: random.Random, _body: bytes, _secret: str) -> dict[str, str]:
    return {}


def _of_another_secret(_rng: random.Random, body: bytes, _secret: str) -> dict[str, str]:
    return _sign(body, OTHER_SECRET)


def _of_another_body(_rng: random.Random, body: bytes, secret: str) -> dict[str, str]:
    return _sign(body + b" ", secret)


def _of_another_time(rng: random.Random, body: bytes, secret: str) -> dict[str, str]:
    return _sign(body, secret, late=rng.choice([-86_400, -400, 400, 86_400]))


def _garbled(rng: random.Random, body: bytes, secret: str) -> dict[str, str]:
    right = _sign(body, secret)["Stripe-Signature"]
    time_, _, digest = right.partition(",v1=")
    wrong = (
        "",
        "t=,v1=",
        f"v1={digest}",
        time_,
        f"{time_},v0={digest}",
        f"{time_},v1={digest.upper()}",
        f"{time_},v1={digest[:-1]}",
        f"t=99999999999999999999,v1={digest}",
        f"t=-1,v1={digest}",
        f"t=١,v1={digest}".encode().decode("latin-1"),
        f"{time_}\xe9,v1={digest}\xff",
        ",".join([f"v1={digest}"] * 200),
        "=" * 2_000,
        rng.randbytes(40).replace(b"\r", b"").replace(b"\n", b"").replace(b"\0", b"").decode("latin-1"),
    )
    return {"Stripe-Signature": rng.choice(wrong)}


_FORGERIES: tuple[Forgery, ...] = (
    _none,
    _of_another_secret,
    _of_another_body,
    _of_another_time,
    _garbled,
    _garbled,
)
