"""What an operator is given to judge, and how it says that it cannot."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from workflows.conditions.changes import UNCHANGED, previous_value
from workflows.conditions.field_types import VALUE_TYPES, Money, WrongType
from workflows.conditions.nodes import Test
from workflows.conditions.sentences import Cause
from workflows.conditions.shown import Shown
from workflows.references import MissingValue, Path, resolve


class Unfit(Exception):
    """The test is unknown, and this is why. `why` is about the field ("{field} was …")."""

    def __init__(self, why: str | Promise, /, **values: Any) -> None:
        super().__init__(why)
        self.why = why
        self.values = values


@dataclass(frozen=True)
class Situation:
    """Everything that a condition tree is evaluated against."""

    scope: dict[str, Any]
    now: datetime
    previous_attributes: dict[str, Any] | None

    def item(self, value: Any) -> "Situation":
        """The same, as the conditions on one item of a list see it."""
        return Situation({**self.scope, "item": value}, self.now, self.previous_attributes)

    def at(self, path: Path) -> Any:
        """The value at `path`. Raises `MissingValue`."""
        return resolve(path, self.scope)

    def is_partial(self, path: Path) -> bool:
        """Whether the list at `path` is the first page of a longer one that Stripe did not send."""
        if path[-1] != "data":
            return False
        try:
            return resolve((*path[:-1], "has_more"), self.scope) is True
        except MissingValue:
            return False


@dataclass(frozen=True)
class Case:
    """One test at one moment. `seen` may be `MISSING`; `expected` is the value as it was read.

    `values` is the key of the `VALUE_TYPES` that the field's value has to be of.
    """

    test: Test
    values: str
    expected: Any
    seen: Any
    situation: Situation

    @property
    def value(self) -> Any:
        """What the field holds, as it is compared. Raises `Unfit` for null and other types."""
        return self.read(self.seen)

    @property
    def earlier(self) -> Any:
        """The raw value before the event; `UNCHANGED` or `MISSING`. Raises `Unfit` if nobody knows."""
        previous = self.situation.previous_attributes
        if previous is None:
            raise Unfit(_("It is not known what changed: the event has no earlier values."))
        root, *path = self.test.path
        if root != "trigger" or not path:
            raise Unfit(
                _("Whether {field} changed is not known: only the trigger's fields have earlier values.")
            )
        return previous_value(tuple(path), previous)

    @property
    def earlier_currency(self) -> Any:
        """The code of the currency before the event, for sentences; None if it is not known."""
        try:
            return self._currency(earlier=True)
        except Unfit:
            return None

    def read(self, raw: Any, *, earlier: bool = False) -> Any:
        """A raw value of the field, from now or from before the event. Raises `Unfit`."""
        value_type = VALUE_TYPES[self.values]
        try:
            value = value_type.read(raw)
        except WrongType as error:
            why = _("{field} was {seen}, which is not {wanted}.")
            raise Unfit(why, seen=Shown(raw), wanted=value_type.wanted) from error
        return self._money(value, self._currency(earlier=earlier)) if self.values == "money" else value

    def _money(self, amount: int, currency: Any) -> Money:
        wanted = self.expected if isinstance(self.expected, Money) else self.expected[0]
        if not isinstance(currency, str):
            raise Unfit(_("The currency of {field} was {seen}, which is not a code."), seen=Shown(currency))
        if currency.lower() != wanted.currency:
            why = _("{field} was {seen}, which cannot be compared with an amount in {currency}.")
            seen = Shown(amount, type="money", currency=currency)
            raise Unfit(why, seen=seen, currency=wanted.currency.upper())
        return Money(amount, wanted.currency)

    def _currency(self, *, earlier: bool) -> Any:
        path = self.test.currency_path
        if path is None:
            raise Unfit(
                _("The currency of {field} is not known: the condition does not say where it stands.")
            )
        if earlier:
            before = previous_value(path[1:], self.situation.previous_attributes or {})
            if before is not UNCHANGED:
                return before
        try:
            return self.situation.at(path)
        except MissingValue as error:
            raise Unfit(_("The currency of {field} is not known: {why}"), why=Cause(error)) from error
