"""The faults that a control call switches on: which, on what, and how many times."""

import itertools
import threading
from dataclasses import dataclass, field
from enum import StrEnum
from fnmatch import fnmatchcase
from typing import Any


class FaultKind(StrEnum):
    """What goes wrong. Those on requests first, then those on deliveries."""

    LATENCY = "latency"
    RATE_LIMIT = "rate_limit"
    ERROR_BEFORE = "error_before"
    ERROR_AFTER = "error_after"
    LOST_REQUEST = "lost_request"
    LOST_REPLY = "lost_reply"
    DUPLICATE = "duplicate"
    SHUFFLE = "shuffle"

    @property
    def on_deliveries(self) -> bool:
        """Whether it strikes webhook deliveries (and is targeted by event type) or API requests."""
        return self in (FaultKind.DUPLICATE, FaultKind.SHUFFLE)


# The options of each kind and their defaults.
OPTIONS: dict[FaultKind, dict[str, Any]] = {
    FaultKind.LATENCY: {"seconds": 1.0},
    FaultKind.RATE_LIMIT: {"retry_after": None},
    FaultKind.ERROR_BEFORE: {"status": 500, "type": None, "code": None, "message": None, "stored": False},
    FaultKind.ERROR_AFTER: {"status": 500, "type": None, "code": None, "message": None, "stored": True},
    FaultKind.LOST_REQUEST: {},
    FaultKind.LOST_REPLY: {},
    FaultKind.DUPLICATE: {"times": 2},
    FaultKind.SHUFFLE: {"seconds": 1.0},
}
TARGETS = {"method", "path", "event_type", "count"}


@dataclass
class Fault:
    """One fault that is on; `remaining` None means until it is cleared."""

    id: int
    kind: FaultKind
    method: str | None
    path: str
    event_type: str
    remaining: int | None
    options: dict[str, Any] = field(default_factory=dict)

    def hits(self, method: str, path: str) -> bool:
        """Whether a request is a target: by method and by path prefix or pattern (`*` stands for any)."""
        if self.method not in (None, method):
            return False
        return path.startswith(self.path) or fnmatchcase(path, self.path)

    def to_json(self) -> dict[str, Any]:
        """As a control call shows it."""
        shown = {"id": self.id, "kind": self.kind.value, "count": self.remaining}
        target = {"event_type": self.event_type} if self.kind.on_deliveries else self._target()
        return shown | target | self.options

    def _target(self) -> dict[str, Any]:
        return {"method": self.method, "path": self.path}


class Faults:
    """The faults that are on, oldest first; taking one counts it down."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._ids = itertools.count(1)
        self._faults: list[Fault] = []
        self._cleared = threading.Condition()
        self.clearings = 0

    def add(self, document: dict[str, Any]) -> Fault:
        """Switch one on. Raises ValueError with a sentence for what it does not know."""
        given = dict(document)
        try:
            kind = FaultKind(given.pop("kind", None))
        except ValueError:
            raise ValueError(f"A fault needs a kind: {', '.join(FaultKind)}.") from None
        if unknown := set(given) - TARGETS - set(OPTIONS[kind]):
            raise ValueError(f"A {kind} fault has no option {', '.join(sorted(unknown))}.")
        method = given.pop("method", None)
        count = _count(given.pop("count", None))
        with self._lock:
            fault = Fault(
                id=next(self._ids),
                kind=kind,
                method=method.upper() if method else None,
                path=given.pop("path", None) or "/",
                event_type=given.pop("event_type", None) or "",
                remaining=count,
                options=OPTIONS[kind] | given,
            )
            self._faults.append(fault)
        return fault

    def clear(self, id: int | None = None) -> int:
        """Switch one off, or all, and return how many were on. All also releases what waits in `pause()`."""
        with self._lock:
            kept = [fault for fault in self._faults if id is not None and fault.id != id]
            cleared = len(self._faults) - len(kept)
            self._faults = kept
        if id is None:
            with self._cleared:
                self.clearings += 1
                self._cleared.notify_all()
        return cleared

    def pause(self, seconds: float, *, since: int) -> None:
        """Wait that long, or until all faults are cleared; `since` is `clearings` as the request began."""
        with self._cleared:
            self._cleared.wait_for(lambda: self.clearings != since, seconds)

    def listed(self) -> list[dict[str, Any]]:
        """What is on."""
        with self._lock:
            return [fault.to_json() for fault in self._faults]

    def on_request(self, kind: FaultKind, *, method: str, path: str) -> dict[str, Any] | None:
        """The options of the first fault of that kind that hits the request, counted down; or None."""
        if not self._faults:
            return None
        with self._lock:
            hit = next((f for f in self._faults if f.kind is kind and f.hits(method, path)), None)
            return self._use(hit)

    def on_delivery(self, kind: FaultKind, *, event_type: str) -> dict[str, Any] | None:
        """The same for the delivery of an event, by the prefix of its type."""
        if not self._faults:
            return None
        with self._lock:
            of_kind = (f for f in self._faults if f.kind is kind)
            return self._use(next((f for f in of_kind if event_type.startswith(f.event_type)), None))

    def _use(self, fault: Fault | None) -> dict[str, Any] | None:
        if fault is None:
            return None
        if fault.remaining is not None:
            fault.remaining -= 1
            if fault.remaining <= 0:
                self._faults.remove(fault)
        return fault.options


def _count(count: object) -> int | None:
    if count is None:
        return None
    if isinstance(count, bool) or not isinstance(count, int) or count < 1:
        raise ValueError("The count of a fault is a whole number above 0.")
    return count
