"""What an operator is given to judge, and how it says that it cannot."""

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.changes import UNCHANGED
from stripeflow.workflows.conditions.field_types import VALUE_TYPES, Money, WrongType
from stripeflow.workflows.conditions.missing import MISSING
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.sentences import Cause
from stripeflow.workflows.conditions.shown import Shown
from stripeflow.workflows.conditions.situation import Situation, Unfit
from stripeflow.workflows.references import MissingValue, Path


@dataclass(frozen=True)
class Case:
    """One test at one moment. `seen` may be `MISSING`; `expected` is the value as it was read.

    `values` is the key of the `VALUE_TYPES` that the field's value has to be of, `type` the type that it is
    compared as. `counts`: the field is a list, and `seen` the number of its items.
    """

    test: Test
    values: str
    expected: Any
    seen: Any
    situation: Situation
    type: str | None = None
    counts: bool = False

    @property
    def value(self) -> Any:
        """What the field holds, as it is compared. Raises `Unfit` for null and other types."""
        return self.read(self.seen)

    @property
    def earlier(self) -> Any:
        """The raw value before the event; `UNCHANGED` or `MISSING`. Raises `Unfit` if nobody knows."""
        found = self.situation.earlier(self.test.path)
        return len(found) if self.counts and isinstance(found, list) else found

    @property
    def earlier_currency(self) -> Any:
        """The code of the currency before the event, for sentences; None if it is not known."""
        try:
            return self._currency(earlier=True)
        except Unfit:
            return None

    def read(self, raw: Any, *, earlier: bool = False) -> Any:
        """A raw value of the field, from now or from before the event. Raises `Unfit`."""
        return self._money(raw, earlier=earlier) if self.values == "money" else plain(raw, self.values)

    def _money(self, raw: Any, *, earlier: bool) -> Money:
        found = money(raw, self._currency(earlier=earlier))
        wanted = self.expected[0] if isinstance(self.expected, tuple) else self.expected
        if isinstance(wanted, Money) and wanted.currency != found.currency:
            why = _("{field} was {seen}, which cannot be compared with an amount in {currency}.")
            seen = Shown(found.amount, type="money", currency=found.currency)
            raise Unfit(why, seen=seen, currency=wanted.currency.upper())
        return found

    def _currency(self, *, earlier: bool) -> Any:
        if self.test.currency is not None:
            return self.test.currency
        path = self.test.currency_path
        if earlier and path is not None:
            before = self.situation.earlier(path)
            if before is MISSING:
                raise Unfit(_("The currency of {field} before the event is not known."))
            if before is not UNCHANGED:
                return before
        return currency_at(path, self.situation)


def plain(raw: Any, values: str) -> Any:
    """A raw value as it is compared. Raises `Unfit`."""
    value_type = VALUE_TYPES[values]
    try:
        return value_type.read(raw)
    except WrongType as error:
        why = _("{field} was {seen}, which is not {wanted}.")
        raise Unfit(why, seen=Shown(raw), wanted=value_type.wanted) from error


def money(raw: Any, currency: Any) -> Money:
    """An amount with the currency that was found for it. Raises `Unfit`."""
    amount = plain(raw, "money")
    if not isinstance(currency, str):
        raise Unfit(_("The currency of {field} was {seen}, which is not a code."), seen=Shown(currency))
    return Money(amount, currency.lower())


def currency_at(path: Path | None, situation: Situation) -> Any:
    """What stands where the currency of an amount should be. Raises `Unfit`."""
    if path is None:
        raise Unfit(_("The currency of {field} is not known: the condition does not say where it stands."))
    try:
        return situation.at(path)
    except MissingValue as error:
        raise Unfit(_("The currency of {field} is not known: {why}"), why=Cause(error)) from error
