"""Lends database connections to the threads that work on runs: few are open, and none during a call.

Such a thread borrows a connection when it first uses one, and gives it back before its action is called,
before it waits for anything else, and when its run has ended. Only a thread inside of `borrowing` borrows;
every other one has connections of its own, as always with Django.
"""

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

# So many are kept open for each database. What more there are for a moment is closed when it is given back.
KEPT = 4
# How long a thread waits for one of these, if they are all in use, before it opens a further one.
WAIT_SECONDS = 5.0


class _Here(threading.local):
    """What this thread does: whether it borrows, whether it is in a call, and what has come back once."""

    borrows = False
    is_calling = False
    fresh: set[str]

    def __init__(self) -> None:
        self.fresh = set()


class Lender:
    """The connections of one database that are lent by turns."""

    def __init__(self, alias: str) -> None:
        self.alias = alias
        self._returned = threading.Condition()
        self._free: list[BaseDatabaseWrapper] = []
        self._lent = 0
        # Those that actions borrowed: nobody knows when they come back, so nobody waits for them.
        self._in_calls: set[int] = set()

    def lend(self, *, in_call: bool) -> BaseDatabaseWrapper:
        """One that nobody else uses: a free one, or a new one after a short wait."""
        with self._returned:
            if not in_call:
                self._returned.wait_for(self._is_within, timeout=WAIT_SECONDS)
            wrapper = self._free.pop() if self._free else _create(self.alias)
            self._lent += 1
            if in_call:
                self._in_calls.add(id(wrapper))
        return wrapper

    def take_back(self, wrapper: BaseDatabaseWrapper) -> None:
        """Keep it for the next thread; close it if there are enough, or if a transaction was left open."""
        with self._returned:
            self._in_calls.discard(id(wrapper))
            self._lent -= 1
            is_kept = self._lent + len(self._free) < KEPT and not wrapper.in_atomic_block
            if is_kept:
                self._free.append(wrapper)
            self._returned.notify()
        if not is_kept:
            wrapper.close()

    def close(self) -> None:
        """Close those that are free."""
        with self._returned:
            free, self._free = self._free, []
        for wrapper in free:
            wrapper.close()

    def _is_within(self) -> bool:
        return bool(self._free) or self._lent - len(self._in_calls) < KEPT


_here = _Here()
_lenders: dict[str, Lender] = {}
_usual = connections.create_connection
# A forked child must neither use nor close what its parent has open.
os.register_at_fork(after_in_child=_lenders.clear)


@contextmanager
def borrowing() -> Iterator[None]:
    """Let this thread borrow its connections within the block, as a run does."""
    _install()
    _here.borrows, _here.fresh = True, set()
    try:
        yield
    finally:
        _give_back(is_over=True)
        _here.borrows = False


@contextmanager
def calling() -> Iterator[None]:
    """Around a call to the outside: what it does not use itself is given back before it."""
    if not _here.borrows:
        yield
        return
    give_back()
    _here.is_calling = True
    try:
        yield
    finally:
        _here.is_calling = False


@contextmanager
def briefly() -> Iterator[None]:
    """Around a use of the database within a call, or anywhere: what it borrows is given back at its end."""
    if not _here.borrows:
        yield
        return
    before, was_calling = _initialized(), _here.is_calling
    _here.is_calling = False
    try:
        yield
    finally:
        _here.is_calling = was_calling
        _give_back(besides=before)


def give_back() -> None:
    """Give back what this thread has borrowed, unless a transaction is open: before it waits."""
    if _here.borrows:
        _give_back()


def close_free() -> None:
    """Close what nobody uses at the moment. For tests, and before a fork."""
    for lender in _lenders.values():
        lender.close()


def _install() -> None:
    if connections.create_connection == _usual:
        connections.create_connection = _lend  # type: ignore[method-assign]  # of these alone


def _lend(alias: str) -> BaseDatabaseWrapper:
    """Django's `create_connection`: what a thread gets that has no connection yet."""
    if not _here.borrows:
        return _usual(alias)
    wrapper = _lender(alias).lend(in_call=_here.is_calling)
    if alias not in _here.fresh:
        # A run is to a connection what a request is: at its beginning and end it may be too old.
        _here.fresh.add(alias)
        wrapper.close_if_unusable_or_obsolete()
    return wrapper


def _give_back(*, besides: frozenset[str] = frozenset(), is_over: bool = False) -> None:
    for alias in _initialized() - besides:
        wrapper: Any = connections[alias]
        if wrapper.in_atomic_block and not is_over:
            continue
        if not wrapper.in_atomic_block and (is_over or wrapper.errors_occurred):
            wrapper.close_if_unusable_or_obsolete()
        del connections[alias]
        _lender(alias).take_back(wrapper)


def _initialized() -> frozenset[str]:
    return frozenset(wrapper.alias for wrapper in connections.all(initialized_only=True))


def _lender(alias: str) -> Lender:
    return _lenders.setdefault(alias, Lender(alias))


def _create(alias: str) -> BaseDatabaseWrapper:
    wrapper = _usual(alias)
    # Another thread may use it next, never two at once.
    wrapper.inc_thread_sharing()
    return wrapper
