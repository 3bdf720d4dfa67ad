"""A bounded pool of daemon threads that also takes work for later."""

import heapq
import itertools
import logging
import queue
import threading
import time
from collections.abc import Callable
from typing import Any

logger = logging.getLogger(__name__)

Job = tuple[Callable[..., None], tuple[Any, ...]]


class DelayedPool:
    """At most `size` jobs at once. Threads start with the first job and end with the process."""

    def __init__(self, size: int, *, name: str) -> None:
        self._size, self._name = size, name
        self._ready: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._later: list[tuple[float, int, Job]] = []
        self._order = itertools.count()
        self._changed = threading.Condition()
        self._started = self._closed = False

    def submit(self, work: Callable[..., None], *args: Any, delay: float = 0.0) -> None:  # noqa: ANN401
        """Run `work(*args)` in a thread, `delay` seconds from now at the earliest."""
        self._start()
        if delay <= 0:
            self._ready.put((work, args))
            return
        with self._changed:
            heapq.heappush(self._later, (time.monotonic() + delay, next(self._order), (work, args)))
            self._changed.notify()

    def hurry(self) -> None:
        """Let everything that waits for its time run now."""
        with self._changed:
            for _, _, job in sorted(self._later):
                self._ready.put(job)
            self._later.clear()

    def close(self) -> None:
        """Let idle threads end; what has not begun is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify()
        for _ in range(self._size if self._started else 0):
            self._ready.put(None)

    def _start(self) -> None:
        with self._changed:
            if self._started:
                return
            self._started = True
        targets = [self._hand_over] + [self._work] * self._size
        for number, target in enumerate(targets):
            threading.Thread(target=target, name=f"{self._name}-{number}", daemon=True).start()

    def _hand_over(self) -> None:
        """Move what has fallen due to the ready queue."""
        while True:
            with self._changed:
                if self._closed:
                    return
                now = time.monotonic()
                while self._later and self._later[0][0] <= now:
                    self._ready.put(heapq.heappop(self._later)[2])
                self._changed.wait(self._later[0][0] - now if self._later else None)

    def _work(self) -> None:
        while job := self._ready.get():
            if self._closed:
                return
            work, args = job
            try:
                work(*args)
            except Exception:  # noqa: BLE001 - a worker outlives its job; the failure is logged
                logger.exception("standin.pool.job_failed")
