"""What an operator is given to judge: one test, the values of now and of before the event, and the moment."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.field_types import VALUE_TYPES, Money, WrongType
from stripeflow.workflows.conditions.nodes import Test
from stripeflow.workflows.conditions.operators.changes import UNCHANGED, UNCLEAR, earlier_value
from stripeflow.workflows.conditions.truth import MISSING
from stripeflow.workflows.conditions.wording import Cause, ValueInWords
from stripeflow.workflows.references import MissingValue, Path, resolve

# Older API versions sent only the changed items of a list.
_WHOLE_LISTS_SINCE = "2017-05-25"
# The trigger's object by its place in the event.
WITHIN_EVENT = ("event", "data", "object")
_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)


class Unfit(Exception):
    """The test is unknown, and this is why. `why` is about the field ("{field} was …")."""

    def __init__(self, why: str | Promise, /, **values: Any) -> None:
        super().__init__(why)
        self.why = why
        self.values = values


@dataclass(frozen=True)
class Situation:
    """Everything that a condition tree is evaluated against. `place` is where the `item` of now stands."""

    scope: dict[str, Any]
    now: datetime
    previous_attributes: dict[str, Any] | None
    place: Path | None = None

    def item(self, value: Any, place: Path) -> "Situation":
        """The same for the conditions on the item at `place` of a list."""
        return Situation({**self.scope, "item": value}, self.now, self.previous_attributes, place)

    def absolute(self, path: Path) -> Path:
        """The absolute path: `item` replaced by its place, and the event's object by `trigger`."""
        if self.place is not None and path[0] == "item":
            path = (*self.place, *path[1:])
        return ("trigger", *path[3:]) if path[:3] == WITHIN_EVENT else path

    def at(self, path: Path) -> Any:
        """The value at `path`. Raises `MissingValue`."""
        return resolve(path, self.scope)

    def items(self, path: Path) -> Any:
        """The list at `path`; one that is null, or in a list object that is null, has no items."""
        if path[-1] == "data" and len(path) > 2 and self.at(path[:-1]) is None:
            return []
        found = self.at(path)
        return [] if found is None else found

    def is_partial(self, path: Path) -> bool:
        """Whether the list at `path` is the first page of a longer one that Stripe did not send."""
        return self._beside(path, "has_more") is True

    def count(self, path: Path) -> Any:
        """The number of items of the list at `path`; what is no list, as it is. Raises `Unfit`."""
        items = self.items(path)
        if not isinstance(items, list) or not self.is_partial(path):
            return len(items) if isinstance(items, list) else items
        total = self._beside(path, "total_count")
        if isinstance(total, int) and not isinstance(total, bool):
            return total
        raise Unfit(_("{field} came without its further items."))

    def earlier(self, path: Path) -> Any:
        """The raw value before the event; `UNCHANGED` or `MISSING`. Raises `Unfit` if nobody knows."""
        if self.previous_attributes is None:
            raise Unfit(_("It is not known what changed: the event has no earlier values."))
        root, *rest = self.absolute(path)
        if root != "trigger" or not rest:
            raise Unfit(
                _("Whether {field} changed is not known: only the trigger's fields have earlier values.")
            )
        now = self.scope.get("trigger")
        found = earlier_value(tuple(rest), now, self.previous_attributes, whole_lists=self._names_whole_lists)
        if found is UNCLEAR:
            raise Unfit(
                _("What {field} was before the event is not known: the event names only a part of the list.")
            )
        return found

    @property
    def _names_whole_lists(self) -> bool:
        event = self.scope.get("event")
        version = event.get("api_version") if isinstance(event, dict) else None
        if not isinstance(version, str) or not _VERSION.match(version):
            return True
        return version[:10] >= _WHOLE_LISTS_SINCE

    def _beside(self, path: Path, name: str) -> Any:
        """The key of a list object that says whether `data` has all items."""
        if path[-1] != "data":
            return None
        try:
            return resolve((*path[:-1], name), self.scope)
        except MissingValue:
            return None


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
        """The value of the field for the comparison. Raises `Unfit` for null and other types."""
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
            seen = ValueInWords(found.amount, type="money", currency=found.currency)
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
    """A raw value, read for the comparison. Raises `Unfit`."""
    value_type = VALUE_TYPES[values]
    try:
        return value_type.read(raw)
    except WrongType as error:
        why = _("{field} was {seen}, which is not {wanted}.")
        raise Unfit(why, seen=ValueInWords(raw), wanted=value_type.wanted) from error


def money(raw: Any, currency: Any) -> Money:
    """An amount with the currency that was found for it. Raises `Unfit`."""
    amount = plain(raw, "money")
    if not isinstance(currency, str):
        raise Unfit(
            _("The currency of {field} was {seen}, which is not a code."), seen=ValueInWords(currency)
        )
    return Money(amount, currency.lower())


def currency_at(path: Path | None, situation: Situation) -> Any:
    """The currency of an amount, from its place. Raises `Unfit`."""
    if path is None:
        raise Unfit(_("The currency of {field} is not known: the condition does not say where it stands."))
    try:
        return situation.at(path)
    except MissingValue as error:
        raise Unfit(_("The currency of {field} is not known: {why}"), why=Cause(error)) from error
