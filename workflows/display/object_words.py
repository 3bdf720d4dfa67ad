"""A short line by which people recognise an object of Stripe: its amount, name, e-mail and status."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from django.utils.formats import date_format
from django.utils.timezone import localtime

from stripeflow.actions import money
from stripeflow.actions.inputs.text import shortened
from stripeflow.actions.visible import single_line

_LONGEST = 60
_BETWEEN = " · "
# Where objects hold them: the first one that is there counts.
_AMOUNTS = ("amount", "amount_total", "total", "amount_due", "unit_amount")
_NAMES = (
    "name",
    "customer_name",
    "billing_details.name",
    "customer_details.name",
    "shipping.name",
    "nickname",
)
_ABOUT = ("number", "description")
_EMAILS = ("email", "customer_email", "billing_details.email", "customer_details.email", "receipt_email")
_STATUS = ("status",)


def words_of(data: Mapping[str, Any], created: datetime | None) -> str:
    """ "$48.00 USD · Ann Example · ann@example.com · succeeded · Nov. 30, 2026"; all of it is a payload's."""
    day = date_format(localtime(created), "DATE_FORMAT") if created else ""
    return _BETWEEN.join(filter(None, (_amount(data), *_texts(data), day)))


def _amount(data: Mapping[str, Any]) -> str:
    amount, currency = _first(data, _AMOUNTS), data.get("currency")
    # A field of this name may hold anything where Stripe has another meaning for it.
    if isinstance(amount, bool) or not isinstance(amount, int) or not isinstance(currency, str):
        return ""
    return money.format_minor(amount, currency)


def _texts(data: Mapping[str, Any]) -> Iterator[str]:
    for places in (_NAMES, _ABOUT, _EMAILS, _STATUS):
        found = _first(data, places)
        if isinstance(found, str):
            yield shortened(single_line(found), _LONGEST)


def _first(data: Mapping[str, Any], places: tuple[str, ...]) -> Any:
    return next((value for place in places if (value := _at(data, place)) not in (None, "")), None)


def _at(data: Any, place: str) -> Any:
    for name in place.split("."):
        data = data.get(name) if isinstance(data, Mapping) else None
    return data
