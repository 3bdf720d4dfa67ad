"""Fields that only somebody who starts a workflow fills in: a number, a date, the ID of an object."""

from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django import forms
from django.utils import formats, timezone
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from stripeflow.actions import money
from stripeflow.actions.form_fields import RawField
from stripeflow.actions.inputs import IdInput, InputField
from stripeflow.actions.problems import Problem
from stripeflow.actions.wording import worded
from stripeflow.triggers import catalogue
from stripeflow.workflows.conditions.field_types import is_number

# What begins like this is such an object. Other IDs are let through: Stripe may add forms, and customers can
# be imported with any ID.
PREFIXES = {
    "acct_": "account",
    "ch_": "charge",
    "cn_": "credit_note",
    "cs_": "checkout.session",
    "cus_": "customer",
    "dp_": "dispute",
    "du_": "dispute",
    "evt_": "event",
    "fee_": "application_fee",
    "ii_": "invoiceitem",
    "in_": "invoice",
    "issfr_": "radar.early_fraud_warning",
    "pi_": "payment_intent",
    "plink_": "payment_link",
    "pm_": "payment_method",
    "po_": "payout",
    "price_": "price",
    "prod_": "product",
    "promo_": "promotion_code",
    "prv_": "review",
    "py_": "charge",
    "pyr_": "refund",
    "qt_": "quote",
    "re_": "refund",
    "seti_": "setup_intent",
    "si_": "subscription_item",
    "sub_": "subscription",
    "sub_sched_": "subscription_schedule",
    "tr_": "transfer",
    "tu_": "topup",
    "txn_": "balance_transaction",
}


def kind_of_id(text: str) -> str:
    """The object that an ID is of by its beginning, or ""."""
    found = [prefix for prefix in PREFIXES if text.startswith(prefix)]
    return PREFIXES[max(found, key=len)] if found else ""


@dataclass(frozen=True)
class ObjectIdInput(IdInput):
    """The ID of one kind of object; one that is plainly of another kind is refused."""

    def fault(self, text: str) -> str:
        if fault := super().fault(text):
            return fault
        kind = kind_of_id(text)
        if not kind or kind == self.of or self.of not in catalogue.object_names():
            return ""
        message = _("“%(label)s” must be an ID of the kind “%(wanted)s”. “%(id)s” is of the kind “%(is)s”.")
        wanted, found = catalogue.object_label(self.of), catalogue.object_label(kind)
        names = {"label": self.label, "wanted": wanted, "is": found}
        return worded(message, names=names, id=text[:40])


@dataclass(frozen=True)
class NumberInput(InputField):
    """Any number. A document, and the API, give it as a number of JSON."""

    kind: ClassVar[str] = "number"

    def check_raw(self, raw: Any) -> list[Problem]:
        return [] if is_number(raw) else [self.problem("invalid", self._fault())]

    def clean_value(self, value: Any) -> Any:
        if not is_number(value):
            raise self.invalid(self._fault())
        return value

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["number", "null"]}

    def form_field(self) -> forms.Field:
        return NumberField(self, widget=forms.TextInput({"inputmode": "decimal"}))

    def _fault(self) -> str:
        return self.say(_("“%(label)s” must be a number."))


@dataclass(frozen=True)
class DateInput(InputField):
    """A day, as “2026-11-30”. Runs see the second in which it begins, in the site's time zone."""

    kind: ClassVar[str] = "date"

    def check_raw(self, raw: Any) -> list[Problem]:
        return [] if _day(raw) else [self.problem("invalid", self._fault())]

    def clean_value(self, value: Any) -> int:
        day = _day(value)
        if day is None:
            raise self.invalid(self._fault())
        return int(timezone.make_aware(datetime.combine(day, time.min)).timestamp())

    def value_schema(self) -> dict[str, Any]:
        return {"type": ["string", "null"], "format": "date"}

    def form_field(self) -> forms.Field:
        return DateField(self, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"))

    def _fault(self) -> str:
        return self.say(_("“%(label)s” must be a date, such as 2026-11-30."))


class NumberField(RawField):
    """A number as the reader's language writes it."""

    def to_python(self, value: Any) -> int | float | str | None:
        text = (value or "").strip()
        try:
            number = Decimal(str(formats.sanitize_separators(money.plain(text))))
        except InvalidOperation:
            return text or None
        if not number.is_finite() or abs(number) > Decimal(10) ** 15:
            return text
        return int(number) if number == number.to_integral_value() else float(number)


class DateField(RawField):
    """A day as browsers send it."""

    def to_python(self, value: Any) -> str | None:
        return (value or "").strip() or None


def _day(value: Any) -> date | None:
    try:
        return parse_date(value) if isinstance(value, str) and len(value) == len("2026-11-30") else None
    except ValueError:
        return None
