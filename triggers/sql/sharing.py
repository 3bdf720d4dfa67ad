"""One commit for what several threads of a process write at the same moment.

A commit costs a disk more than the rows in it, and on SQLite only one process writes at a time. So a thread
that has something to write leads: it writes for all that wait by then, itself included. Those who come
meanwhile go with the next commit, which one of them leads. Nobody waits for others to come: a lone one writes
at once.

    stored = SharedCommit(store, together=store_all, order=identity)
    result = stored.write(item)  # durable when this returns
"""

import logging
import os
import threading
from collections.abc import Callable, Sequence
from typing import Any, Final, Generic, TypeVar

from django.db import connection

logger = logging.getLogger(__name__)

Item = TypeVar("Item")
Result = TypeVar("Result")


class Alone:
    """Says that an item is not written, and has to be tried alone."""


ALONE: Final = Alone()


class _Member(Generic[Item, Result]):
    """A thread's item on its way. `turn` is released once the thread has to go on."""

    def __init__(self, item: Item) -> None:
        self.item = item
        self.turn = threading.Lock()
        self.turn.acquire()
        self.leads = False
        self.result: Result | Alone = ALONE


class SharedCommit(Generic[Item, Result]):
    """Writes each item durably, with those of other threads where there are some.

    `alone` writes one item in transactions of its own; `write` raises what it raises. `together` writes many
    in one transaction, and returns the result of each, in their order, or `ALONE` for an item that it did not
    write. That item's thread tries it alone then, and each thread does if `together` raises. So each item
    answers for itself, and `alone` has to begin as if nothing had been tried. The items are in the `order` of
    a stable key, so that two processes lock rows in the same order. `before_waiting` is called by a thread
    that waits for another one: it may give back what it does not need meanwhile.
    """

    def __init__(
        self,
        alone: Callable[[Item], Result],
        *,
        together: Callable[[Sequence[Item]], Sequence[Result | Alone]],
        order: Callable[[Item], Any],
        most: int = 32,
        before_waiting: Callable[[], object] = lambda: None,
    ) -> None:
        self._alone = alone
        self._together = together
        self._order = order
        self._most = most
        self._before_waiting = before_waiting
        self._begin()
        os.register_at_fork(after_in_child=self._begin)

    def write(self, item: Item) -> Result:
        """Write the item; it is durable when this returns. Raises what writing it alone raises.

        In an open transaction it is written alone, as a part of that.
        """
        if connection.in_atomic_block or not connection.get_autocommit() or self._is_led_here():
            return self._alone(item)
        member = self._joined(item)
        if not member.leads:
            self._wait(member)
        result = self._lead(member) if member.leads else member.result
        return self._alone(item) if isinstance(result, Alone) else result

    def _begin(self) -> None:
        """Nobody writes yet; a process that was forked has none of its parent's threads."""
        self._lock = threading.Lock()
        self._leader: int | None = None
        self._is_led = False
        self._waiting: list[_Member[Item, Result]] = []

    def _is_led_here(self) -> bool:
        """Whether this very thread leads, so that waiting for the next leader would wait for itself."""
        return self._leader == threading.get_ident()

    def _joined(self, item: Item) -> _Member[Item, Result]:
        member: _Member[Item, Result] = _Member(item)
        with self._lock:
            self._waiting.append(member)
            member.leads = not self._is_led
            self._is_led = True
        return member

    def _wait(self, member: _Member[Item, Result]) -> None:
        try:
            self._before_waiting()
            member.turn.acquire()
        except BaseException:
            # The thread is interrupted: nobody may wait for it.
            with self._lock:
                if member in self._waiting:
                    self._waiting.remove(member)
            if member.leads:
                self._hand_on()
            raise

    def _lead(self, member: _Member[Item, Result]) -> Result | Alone:
        batch: list[_Member[Item, Result]] = []
        try:
            with self._lock:
                batch, self._waiting = self._waiting[: self._most], self._waiting[self._most :]
                self._leader = threading.get_ident()
            if len(batch) == 1:
                return self._alone(member.item)
            self._write(batch)
            return member.result
        finally:
            self._leader = None
            self._hand_on()
            for other in batch:
                if other is not member:
                    other.turn.release()

    def _write(self, batch: list[_Member[Item, Result]]) -> None:
        batch.sort(key=lambda member: self._order(member.item))
        try:
            results = self._together([member.item for member in batch])
            written = list(zip(batch, results, strict=True))
        except Exception:
            logger.warning("triggers.sql.not_together", extra={"items": len(batch)}, exc_info=True)
            return
        for member, result in written:
            member.result = result

    def _hand_on(self) -> None:
        """Let the first of those who wait lead, so that nobody leads for ever."""
        with self._lock:
            self._is_led = bool(self._waiting)
            if self._waiting:
                self._waiting[0].leads = True
                self._waiting[0].turn.release()
