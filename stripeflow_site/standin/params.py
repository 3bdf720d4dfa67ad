"""Stripe's form encoding of nested parameters, and the checks that each parameter gets.

`metadata[Tier]=VIP`, `expand[]=customer`, `expand[0]=customer` and `created[gt]=1` all decode to plain
dictionaries and lists of strings; a table per endpoint then says what each one is to be.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import parse_qsl

from stripeflow_site.standin.errors import invalid, missing

Kind = Callable[[Any, str], Any]
Spec = dict[str, Kind]

DEEPEST = 8
MOST_PARAMS = 1000
METADATA_KEYS, METADATA_KEY_LENGTH, METADATA_VALUE_LENGTH = 50, 40, 500
LARGEST_AMOUNT = 99_999_999_999
_CURRENCIES = """
aed afn all amd ang aoa ars aud awg azn bam bbd bdt bgn bhd bif bmd bnd bob brl bsd bwp byn bzd cad
cdf chf clp cny cop crc cve czk djf dkk dop dzd egp etb eur fjd fkp gbp gel gip gmd gnf gtq gyd hkd
hnl htg huf idr ils inr isk jmd jod jpy kes kgs khr kmf krw kwd kyd kzt lak lbp lkr lrd lsl mad mdl
mga mkd mmk mnt mop mur mvr mwk mxn myr mzn nad ngn nio nok npr nzd omr pab pen pgk php pkr pln pyg
qar ron rsd rub rwf sar sbd scr sek sgd shp sle sos srd std szl thb tjs tnd top try ttd twd tzs uah
ugx usd uyu uzs vnd vuv wst xaf xcd xof xpf yer zar zmw
"""
CURRENCIES = frozenset(_CURRENCIES.split())
_KEY = re.compile(r"([^\[\]]+)((?:\[[^\[\]]*\])*)")
_PART = re.compile(r"\[([^\[\]]*)\]")


def decode(query: str) -> dict[str, Any]:
    """Nested parameters of a form or query string. Raises ApiFailure 400 if it cannot be read."""
    try:
        pairs = parse_qsl(query, keep_blank_values=True, errors="strict", max_num_fields=MOST_PARAMS)
    except ValueError:
        raise invalid("Invalid request: the parameters could not be decoded.", None) from None
    decoded: dict[str, Any] = {}
    for key, value in pairs:
        _put(decoded, _path(key), value, key)
    return {key: _listed(value) for key, value in decoded.items()}


def _path(key: str) -> list[str]:
    matched = _KEY.fullmatch(key)
    path = [matched[1], *_PART.findall(matched[2])] if matched else []
    if not path or len(path) > DEEPEST:
        raise invalid(f"Invalid parameter name: {key[:100]}", key[:100])
    return path


def _put(target: dict[str, Any], path: list[str], value: str, key: str) -> None:
    for part in path[:-1]:
        target = target.setdefault(part if part else str(len(target)), {})
        if not isinstance(target, dict):
            raise invalid(f"Invalid parameter: {key[:100]}", key[:100])
    last = path[-1] if path[-1] else str(len(target))
    if isinstance(target.get(last), dict):
        raise invalid(f"Invalid parameter: {key[:100]}", key[:100])
    target[last] = value


def _listed(value: Any) -> Any:  # noqa: ANN401 - decoded parameters
    """Turn `{"0": a, "1": b}` into a list, all the way down."""
    if not isinstance(value, dict):
        return value
    value = {key: _listed(item) for key, item in value.items()}
    if value and list(value) == [str(index) for index in range(len(value))]:
        return list(value.values())
    return value


def check(params: dict[str, Any], spec: Spec, *, required: Iterable[str] = ()) -> dict[str, Any]:
    """Typed values of the given parameters; `expand` is always allowed.

    Raises ApiFailure 400 (not remembered by an idempotency key) for what is unknown, missing or wrong.
    """
    unknown = [name for name in params if name not in spec and name != "expand"]
    if unknown:
        names = ", ".join(unknown)
        plural = "s" if len(unknown) > 1 else ""
        raise invalid(f"Received unknown parameter{plural}: {names}", unknown[0], "parameter_unknown")
    for name in required:
        if name not in params:
            raise missing(name)
    typed = {name: spec[name](value, name) for name, value in params.items() if name != "expand"}
    return typed | {"expand": expansions(params.get("expand", []))}


def expansions(value: Any) -> list[str]:  # noqa: ANN401 - a decoded parameter
    """The `expand` parameter."""
    if value in ("", {}):
        return []
    if not isinstance(value, list) or not all(isinstance(path, str) for path in value):
        raise invalid("Invalid array", "expand")
    return value


def text(value: Any, param: str) -> str | None:  # noqa: ANN401
    """A string; an empty one unsets the field."""
    if not isinstance(value, str):
        raise invalid("Invalid string", param)
    if len(value) > 5000:
        raise invalid(f"Invalid string: {value[:20]}…; must be at most 5000 characters", param)
    return value or None


def given(value: Any, param: str) -> str:  # noqa: ANN401
    """A string that cannot be unset."""
    if value == "":
        raise invalid(
            f"You passed an empty string for '{param}'. We assume empty values are an attempt to unset a "
            f"parameter; however '{param}' cannot be unset. You should remove '{param}' from your request or "
            "supply a non-empty value.",
            param,
            "parameter_invalid_empty",
        )
    return text(value, param) or ""


def integer(value: Any, param: str) -> int:  # noqa: ANN401
    """A whole number."""
    if not isinstance(value, str) or not re.fullmatch(r"-?[0-9]{1,15}", value):
        raise invalid(f"Invalid integer: {value}", param, "parameter_invalid_integer")
    return int(value)


def amount(value: Any, param: str) -> int:  # noqa: ANN401
    """A positive amount in minor units."""
    number = integer(value, param)
    if number < 1:
        raise invalid("This value must be greater than or equal to 1.", param, "parameter_invalid_integer")
    if number > LARGEST_AMOUNT:
        raise invalid("Amount must be no more than $999,999,999.99", param, "amount_too_large")
    return number


def boolean(value: Any, param: str) -> bool:  # noqa: ANN401
    """`true` or `false`."""
    if value not in ("true", "false"):
        raise invalid(f"Invalid boolean: {value}", param)
    return value == "true"


def currency(value: Any, param: str) -> str:  # noqa: ANN401
    """A three-letter currency code that Stripe knows."""
    code = given(value, param).lower()
    if code not in CURRENCIES:
        raise invalid(f"Invalid currency: {code}.", param)
    return code


def email(value: Any, param: str) -> str | None:  # noqa: ANN401
    """An e-mail address, by Stripe's rough check."""
    address = text(value, param)
    if address and not re.fullmatch(r"[^@\s]+@[^@\s]+", address):
        raise invalid(f"Invalid email address: {address}", param, "email_invalid")
    return address


def choice(*choices: str) -> Kind:
    """One of some strings."""
    shown = ", ".join(choices[:-1]) + f", or {choices[-1]}" if len(choices) > 1 else choices[0]

    def chosen(value: Any, param: str) -> str:  # noqa: ANN401
        if value not in choices:
            raise invalid(f"Invalid {param}: must be one of {shown}", param)
        return value

    return chosen


def mapping(value: Any, param: str) -> dict[str, Any] | None:  # noqa: ANN401
    """A hash; an empty string unsets it."""
    if value == "":
        return None
    if not isinstance(value, dict):
        raise invalid("Invalid object", param)
    return {key: item if item != "" else None for key, item in value.items()}


def strings(value: Any, param: str) -> list[str]:  # noqa: ANN401
    """A list of strings."""
    if value == "":
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise invalid("Invalid array", param)
    return value


def anything(value: Any, param: str) -> Any:  # noqa: ANN401
    """A parameter that is accepted and has no effect here."""
    return value


def metadata(value: Any, param: str) -> dict[str, str]:  # noqa: ANN401
    """Key-value pairs; an empty value unsets a key, and an empty string instead of the pairs all of them."""
    if value == "":
        return {"": ""}
    if isinstance(value, list):
        value = {str(index): item for index, item in enumerate(value)}
    if not isinstance(value, dict) or not all(isinstance(item, str) for item in value.values()):
        raise invalid("Invalid object", param)
    for key, item in value.items():
        _metadata_lengths(key, item, param)
    return value


def _metadata_lengths(key: str, value: str, param: str) -> None:
    if len(key) > METADATA_KEY_LENGTH:
        raise invalid(
            f"Metadata keys must be at most {METADATA_KEY_LENGTH} characters; '{key}' is too long.",
            f"{param}[{key}]",
        )
    if len(value) > METADATA_VALUE_LENGTH:
        raise invalid(
            f"Metadata values can have up to {METADATA_VALUE_LENGTH} characters, but you passed in a value "
            f"that is {len(value)} characters.",
            f"{param}[{key}]",
        )


def merged(old: dict[str, str], new: dict[str, str]) -> dict[str, str]:
    """Metadata after an update: keys are added, replaced, or unset by an empty value.

    Raises ApiFailure 400 above 50 keys.
    """
    if new == {"": ""}:
        return {}
    kept = {key: value for key, value in (old | new).items() if value != ""}
    if len(kept) > METADATA_KEYS:
        raise invalid(f"You can have at most {METADATA_KEYS} metadata keys.", "metadata")
    return kept


def span(value: Any, param: str) -> dict[str, int]:  # noqa: ANN401
    """A filter by time: a timestamp, or a hash of gt, gte, lt, lte."""
    if isinstance(value, str):
        at = integer(value, param)
        return {"gte": at, "lte": at}
    if not isinstance(value, dict) or not value or set(value) - {"gt", "gte", "lt", "lte"}:
        raise invalid("Invalid object", param)
    return {bound: integer(at, f"{param}[{bound}]") for bound, at in value.items()}


def within(at: int, bounds: dict[str, int]) -> bool:
    """Whether a timestamp lies within a `span`."""
    return (
        at > bounds.get("gt", at - 1)
        and at >= bounds.get("gte", at)
        and at < bounds.get("lt", at + 1)
        and at <= bounds.get("lte", at)
    )


def page_size(value: Any, param: str) -> int:  # noqa: ANN401
    """`limit` of a list: 1 to 100."""
    size = integer(value, param)
    if not 1 <= size <= 100:
        raise invalid(f"This value must be between 1 and 100: {size}.", param, "parameter_invalid_integer")
    return size
