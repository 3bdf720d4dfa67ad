"""Accounts take turns: waiting rows are taken from one after the other, so a busy one starves no other.

While few rows wait, the oldest are read, with no further query. If more wait than are read at once, the
accounts are looked up: each by one step through an index that begins with mode and account, however many rows
of another account lie between.
"""

import random
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from itertools import islice
from typing import Any

from django.db.models import QuerySet

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.sql import Slot, Statement


class Turns:
    """The rows of `waiting`, which has the columns `livemode` and `account`, the first by `order` first.

    `window` is how many are read at once; `oldest` gives the same rows by the index of their order, since one
    database would otherwise use that of the accounts, and sort. Each process has its own round of the
    accounts. While many rows wait, the accounts are looked up again after `known_for` seconds.
    """

    def __init__(
        self,
        waiting: Callable[[], QuerySet],
        *,
        order: str,
        window: int,
        oldest: Callable[[], QuerySet] | None = None,
        known_for: float = 0.0,
    ) -> None:
        whole = oldest or waiting
        self._window = window
        self._known_for = known_for
        self._known: list[AccountMode] = []
        self._known_until = 0.0
        self._last = AccountMode(livemode=False, account="")
        self._oldest = Statement(
            lambda: whole().order_by(order).values_list("pk", *AccountMode._fields)[:window]
        )

        def of_mode() -> QuerySet:
            rows = waiting()
            return rows.filter(livemode=Slot(rows.model, "livemode")).order_by("account", order)

        def account() -> Slot:
            return Slot(waiting().model, "account")

        self._first = Statement(lambda: of_mode().values_list("account")[:1])
        self._after = Statement(lambda: of_mode().filter(account__gt=account()).values_list("account")[:1])
        self._of = Statement(
            lambda: of_mode().filter(account=account()).order_by(order).values_list("pk")[:window]
        )

    def take(
        self, most: int, *, besides: Collection[Any] = (), at_random: bool = False, **values: Any
    ) -> list[Any]:
        """The keys of up to `most` rows that are next, but for `besides`; `values` are those of its slots.

        `at_random` takes any of an account's first rows, so that workers do not all claim the same one.
        """
        groups = [[pk for pk in group if pk not in besides] for group in self._groups(most, values)]
        if at_random:
            random.shuffle(groups)
            for group in groups:
                random.shuffle(group)
        return list(islice(_one_of_each(groups), most))

    def following(self, most: int, **values: Any) -> list[AccountMode]:
        """Up to `most` accounts of which something waits, beginning behind the one that was last."""
        found: list[AccountMode] = []
        while len(found) < most:
            whose = self._next(self._last, values)
            if whose is None or whose in found:
                break
            found.append(whose)
            self._last = whose
        return found

    def _groups(self, most: int, values: dict[str, Any]) -> list[list[Any]]:
        known = self._of_each(self._known_next(most), values)
        if sum(map(len, known)) >= most:
            return known
        oldest = self._oldest.rows(**values)
        if len(oldest) == self._window:
            return self._of_each(self._looked_up(most, values), values)
        groups: dict[AccountMode, list[Any]] = {}
        for pk, *whose in oldest:
            groups.setdefault(AccountMode(*whose), []).append(pk)
        return list(groups.values())

    def _known_next(self, most: int) -> list[AccountMode]:
        """Up to `most` of the accounts that are known, beginning behind the one that was last."""
        if time.monotonic() >= self._known_until:
            return []
        behind = [whose for whose in self._known if whose > self._last]
        found = (behind + [whose for whose in self._known if whose <= self._last])[:most]
        self._last = found[-1] if found else self._last
        return found

    def _looked_up(self, most: int, values: dict[str, Any]) -> list[AccountMode]:
        """The accounts that are next. If these are all, they are known for a while."""
        found = self.following(most, **values)
        if len(found) < most:
            self._known, self._known_until = found, time.monotonic() + self._known_for
        return found

    def _of_each(self, accounts: Iterable[AccountMode], values: dict[str, Any]) -> list[list[Any]]:
        return [[pk for (pk,) in self._of.rows(**whose._asdict(), **values)] for whose in accounts]

    def _next(self, whose: AccountMode, values: dict[str, Any]) -> AccountMode | None:
        for (account,) in self._after.rows(**whose._asdict(), **values):
            return AccountMode(whose.livemode, account)
        for livemode in (not whose.livemode, whose.livemode):
            for (account,) in self._first.rows(livemode=livemode, **values):
                return AccountMode(livemode, account)
        return None


def _one_of_each(groups: Iterable[list[Any]]) -> Iterator[Any]:
    """The first of each group, then the second of each, and so on."""
    left = [iter(group) for group in groups]
    while left:
        taken = [(group, next(group, None)) for group in left]
        yield from (one for _group, one in taken if one is not None)
        left = [group for group, one in taken if one is not None]
