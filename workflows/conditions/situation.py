"""What conditions are evaluated against: the values of now, those of before the event, and the moment."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from stripeflow.workflows.conditions.changes import UNCLEAR, earlier_value
from stripeflow.workflows.references import MissingValue, Path, resolve

# Older API versions gave, of a list that changed, only the items that did.
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
        """The same, as the conditions on the item at `place` of a list see it."""
        return Situation({**self.scope, "item": value}, self.now, self.previous_attributes, place)

    def absolute(self, path: Path) -> Path:
        """A path that starts neither with `item`, which is another one for each, nor by way of the event."""
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
        is_dated = isinstance(version, str) and _VERSION.match(version)
        return not is_dated or version[:10] >= _WHOLE_LISTS_SINCE

    def _beside(self, path: Path, name: str) -> Any:
        """What a list object says of the items in its `data`."""
        if path[-1] != "data":
            return None
        try:
            return resolve((*path[:-1], name), self.scope)
        except MissingValue:
            return None
