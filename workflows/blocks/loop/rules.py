"""When a loop ends because of its items: how many may fail, and how many there may be. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from stripeflow.actions.wording import worded
from stripeflow.workflows.models.failures import Failure, failure

TOO_MANY_FAILED = "loop_too_many_failed"
LIMIT_REACHED = "loop_limit_reached"
INCOMPLETE = "loop_list_incomplete"
DEFAULT_MAX_ITEMS = 1000
# How many items may be under way at once.
MOST_AT_ONCE = 10


class IfItemFails(StrEnum):
    """What a loop does once one of its items has failed."""

    STOP = "stop"
    FAIL_AT_END = "fail_at_end"
    GO_ON = "go_on"


class AtLimit(StrEnum):
    """What a loop does with a list that has more items than it takes."""

    FAIL = "fail"
    TAKE_FIRST = "take_first"


@dataclass(frozen=True)
class Tally:
    """How many items have failed, of how many; and whether these are the whole list."""

    failed: int
    count: int
    is_whole: bool = True


@dataclass(frozen=True)
class Rules:
    """What a step says of its items. `most_failed` and `most_percent` are None where it says nothing.

    `at_once`: how many may be under way at the same time.
    """

    if_item_fails: IfItemFails
    most_failed: int | None
    most_percent: int | None
    max_items: int
    at_limit: AtLimit
    at_once: int = 1

    @classmethod
    def of(cls, inputs: Mapping[str, Any]) -> "Rules":
        """Those of the inputs of a step, cleaned or recorded."""
        return cls(
            IfItemFails(inputs.get("if_item_fails") or IfItemFails.STOP),
            _number(inputs.get("most_failed")),
            _number(inputs.get("most_failed_percent")),
            _number(inputs.get("max_items")) or DEFAULT_MAX_ITEMS,
            AtLimit(inputs.get("at_limit") or AtLimit.FAIL),
            items_at_once(inputs),
        )

    def is_over(self, tally: Tally) -> bool:
        """Whether more items have failed than may. Without the whole list, percent of it are not known."""
        failed, most = tally.failed, self.most_percent
        if not failed:
            return False
        if self.most_failed is None and self.most_percent is None:
            return self.if_item_fails is not IfItemFails.GO_ON
        is_over = self.most_failed is not None and failed > self.most_failed
        is_over_percent = most is not None and failed * 100 > most * tally.count
        return is_over or (tally.is_whole and is_over_percent)

    def stops(self, tally: Tally) -> bool:
        """Whether no further item is begun."""
        at_once = self.if_item_fails is not IfItemFails.FAIL_AT_END
        return at_once and self.is_over(tally)

    def too_many_failed(self, tally: Tally, *, first: list[dict[str, Any]]) -> Failure:
        """The error of the loop. `first` are some of the items that failed."""
        message = _("%(failed)d of %(count)d items failed (limit %(limit)s).")
        names = {"failed": tally.failed, "count": tally.count, "limit": self._limit()}
        return failure(TOO_MANY_FAILED, worded(message, names=names), details={"items": first})

    def _limit(self) -> str:
        number = "" if self.most_failed is None else str(self.most_failed)
        percent = "" if self.most_percent is None else f"{self.most_percent} %"
        return " / ".join(filter(None, [number, percent])) or "0"


def limit_reached(*, limit: int, count: int | None = None, begun: int = 0) -> Failure:
    """The error of a list that is too long. `count` is None where it has more than that, and nobody knows
    how many; `begun` is how many of its items have run before that showed.
    """
    names = {"count": count, "limit": limit, "begun": begun}
    if count is not None:
        message = _("The list has %(count)d items, and the step takes at most %(limit)d. None has run.")
    else:
        message = _(
            "The list has more than %(limit)d items, which is the most that the step takes. Items that have "
            "run: %(begun)d."
        )
    details = {"limit": limit, **({} if count is None else {"count": count})}
    return failure(LIMIT_REACHED, worded(message, names=names), details=details)


def incomplete() -> Failure:
    """The error of a list of which Stripe has sent only the beginning."""
    message = _(
        "Stripe has sent only the first items of this list. None has run. Take the list of a step that lists "
        "them, and all of its pages; or let the step take the first ones."
    )
    return failure(INCOMPLETE, worded(message))


def items_at_once(inputs: Mapping[str, Any]) -> int:
    """How many items may be under way at the same time, by the inputs of a step, which may be wrong."""
    return min(max(_number(inputs.get("parallel")) or 1, 1), MOST_AT_ONCE)


def _number(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
