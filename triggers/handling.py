"""The one function that matches events, set by `workflows`; and what is noted where it fails."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.db.models import Model
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.triggers.redaction import failure
from stripeflow.triggers.sql import Bound


@dataclass(frozen=True)
class Decided:
    """What some events start, decided before anything is written.

    `rows` has for each event, in their order, the rows that are to name it; None leaves the event to the
    handler. `notify` is called with the rows that were stored. If one of the queries `unless` finds a row,
    the handler decides for all events.
    """

    rows: Sequence[Sequence[Model] | None]
    notify: Callable[[Sequence[Any]], None]
    unless: Sequence[Bound] = ()


# Returns how many runs it started, or None.
Handler = Callable[[Event], int | None]
# Decides for events that are not stored yet, and will be at the same moment, without writing.
Decider = Callable[[Sequence[Event]], Decided]

_LONGEST_DELAY = timedelta(hours=1)
_ERROR_LENGTH = 2000

_handler: Handler | None = None
_decider: Decider | None = None


class HandlerAlreadySet(RuntimeError):
    """A second, different handler was registered."""


def set_handler(handler: Handler, decider: Decider | None = None) -> None:
    """Register the function that is called with each new event, inside the transaction that stores it.

    If one statement can store everything, `decider` is called first, before the event is stored. Raises
    HandlerAlreadySet if another handler is registered.
    """
    global _handler, _decider
    if _handler not in (None, handler):
        raise HandlerAlreadySet(f"{_handler!r} already handles the inbox; {handler!r} cannot.")
    _handler, _decider = handler, decider


@contextmanager
def temporary_handler(handler: Handler | None, decider: Decider | None = None) -> Iterator[None]:
    """Swap the handler and the decider for the length of a `with` block; meant for tests."""
    global _handler, _decider
    previous = _handler, _decider
    _handler, _decider = handler, decider
    try:
        yield
    finally:
        _handler, _decider = previous


def handler() -> Handler | None:
    """The function that is called with each new event, inside the transaction that stores it."""
    return _handler


def decider() -> Decider | None:
    """The function that says what events start, before they are stored."""
    return _decider


def note_failure(event: Event, *, error: BaseException) -> None:
    """Note in the event, which is not saved, why it was not matched, and when to try again."""
    event.match_attempts += 1
    event.match_error = failure(error, most=_ERROR_LENGTH)
    event.match_due_at = timezone.now() + delay_after(event.match_attempts)


def delay_after(failures: int) -> timedelta:
    """Return the pause after so many failures: none after the first, then doubling up to an hour."""
    if failures <= 1:
        return timedelta(0)
    return min(timedelta(seconds=2 ** min(failures, 20)), _LONGEST_DELAY)


def facts_of(event: Event) -> dict[str, object]:
    """What log lines say of an event."""
    return {"event_id": event.pk, "external_id": event.external_id, "event_type": event.type}
