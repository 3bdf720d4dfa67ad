"""What is wrong with the value of a test: its type, an unlisted choice, a currency that does not exist."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.naming import close_to, with_close
from stripeflow.workflows.conditions.comparing import Comparison
from stripeflow.workflows.conditions.expectations import FieldValue, ValueFault, read_value
from stripeflow.workflows.conditions.field_types import FIELD_TYPES, Money
from stripeflow.workflows.conditions.known import FieldInfo, Finder, Problem
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.other_field import is_comparable
from stripeflow.workflows.conditions.shown import is_currency

# Stripe may send a value that the SDK does not list; what else is wrong with a value can never be met.
_WARNINGS = frozenset({"unknown_choice"})
_CODE = re.compile(r"[A-Za-z]{3}", re.ASCII)


def value_problems(
    test: Test, comparison: Comparison, info: FieldInfo, path: str, finder: Finder
) -> Iterator[Problem]:
    """What is wrong with the value of a test whose operator fits its field."""
    kind = comparison.operator.value_kind
    try:
        value = read_value(test.value, kind=kind, type_key=comparison.expected)
    except ValueFault as fault:
        yield Problem(f"{path}/value", fault.code, fault.message, test.field)
        return
    has_currency = info.currency_field or info.currency
    if comparison.type == "money" and not has_currency and comparison.needs_currency:
        message = _("It is not known where the currency of this amount stands.")
        yield Problem(f"{path}/field", "no_currency", message, test.field)
    if isinstance(value, FieldValue):
        yield from _other_field(value, test, comparison, path, finder)
        return
    values = value if isinstance(value, tuple) else (value,)
    yield from (
        Problem(f"{path}/value", code, message, test.field, is_warning=code in _WARNINGS)
        for item in values
        for code, message in _faults(item, test, info)
    )


def _other_field(
    value: FieldValue, test: Test, comparison: Comparison, path: str, finder: Finder
) -> Iterator[Problem]:
    other = finder.find(value.field)
    if other is None:
        yield Problem(f"{path}/value", "unknown_field", finder.unknown(value.field), test.field)
    elif not is_comparable(comparison, other.type):
        message = _("The two fields cannot be compared: one is of the type “{one}”, the other “{other}”.")
        types = {"one": FIELD_TYPES[comparison.type or "any"].label, "other": FIELD_TYPES[other.type].label}
        yield Problem(f"{path}/value", "value_type", message.format(**types), test.field)


def _faults(value: Any, test: Test, info: FieldInfo) -> Iterator[tuple[str, str]]:
    """What is wrong with one value, which is of the right type."""
    if isinstance(value, Money) and not money.is_currency(value.currency):
        yield "value_currency", unknown_currency(value.currency)
    if not isinstance(value, str):
        return
    if info.enum and value not in info.enum:
        yield "unknown_choice", _unlisted(value, info.enum)
    elif is_currency(test.path) and _CODE.fullmatch(value):
        if not money.is_currency(value):
            yield "value_currency", unknown_currency(value)
        elif not value.islower():
            message = _("Stripe writes currencies in small letters. Write “{value}”.")
            yield "currency_case", message.format(value=value.lower())


def _unlisted(text: str, values: tuple[str, ...]) -> str:
    if close_to(text, values):
        message = _("“{value}” is not one of the values that Stripe documents.").format(value=text)
        return with_close(message, text, values)
    message = _("“{value}” is not one of the values that Stripe documents: {values}.")
    return message.format(value=text, values=", ".join(values))


def unknown_currency(code: str) -> str:
    """That there is no such currency, with those that come close."""
    near = get_close_matches(code.lower(), money.CURRENCIES, n=3, cutoff=0.5)
    near += [one for one in money.CURRENCIES if sorted(one) == sorted(code.lower()) and one not in near]
    message = _("There is no currency “{code}”.").format(code=code)
    if not near:
        return message
    return _("{told} Did you mean {codes}?").format(
        told=message, codes=_(" or ").join(one.upper() for one in near)
    )
