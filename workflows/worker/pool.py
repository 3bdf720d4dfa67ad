"""The threads of a worker process: each carries out one thing at a time, and stays for the next.

A thread that has had nothing to do for a while ends, and so do all of them with the main thread of the
process, once they are done. It knows nothing of runs.
"""

import logging
import os
import threading
import time
from collections import deque
from collections.abc import Callable
from contextvars import Context
from dataclasses import dataclass, field
from typing import Any

from stripeflow.workflows.liveness import termination

logger = logging.getLogger(__name__)

# A thread keeps its connections to Stripe, so it waits a while for its next work.
IDLE_SECONDS = 60.0


@dataclass(eq=False)
class Job:
    """What one thread is to do, and `what` it is about. A SIGTERM waits for it from the start."""

    what: Any
    work: Callable[[], object]
    began: float = field(default_factory=time.monotonic)
    under_way: object = field(default_factory=termination.begin)


class Pool:
    """The threads of this process. Only its main thread gives them work."""

    def __init__(self) -> None:
        lock = threading.Lock()
        self._has_work = threading.Condition(lock)
        self._has_ended = threading.Condition(lock)
        self._given: deque[Job] = deque()
        self._busy: set[Job] = set()
        self._idle = 0
        self._is_watched = False

    def busy(self) -> list[Job]:
        """What is given to threads and has not ended."""
        with self._has_ended:
            return list(self._busy)

    def give(self, what: Any, work: Callable[[], object]) -> None:
        """Have a thread call `work` in a context of its own. Raises RuntimeError if none can be started."""
        job = Job(what, work)
        with self._has_work:
            self._busy.add(job)
            self._given.append(job)
            is_awaited = self._idle >= len(self._given)
            self._has_work.notify()
        if not is_awaited:
            self._start(job)

    def wait_until_busy_with_fewer(self, than: int, *, seconds: float) -> bool:
        """Wait until fewer are under way, for so long at most; returns whether that is so."""
        with self._has_ended:
            return self._has_ended.wait_for(lambda: len(self._busy) < than, timeout=max(seconds, 0.0))

    def _start(self, job: Job) -> None:
        try:
            if not self._is_watched:
                threading.Thread(target=self._end_with_main, name="stripeflow-end", daemon=True).start()
                self._is_watched = True
            threading.Thread(target=self._carry_out, name="stripeflow-run").start()
        except RuntimeError:
            self._drop(job)
            raise

    def _carry_out(self) -> None:
        while (job := self._next()) is not None:
            try:
                # No job sees what another one set: its language, its secrets, its decimal context.
                Context().run(job.work)
            except BaseException:
                logger.exception("workflows.worker.thread_failed", extra={"what": str(job.what)})
            finally:
                self._end(job)

    def _next(self) -> Job | None:
        with self._has_work:
            self._idle += 1
            self._has_work.wait_for(self._is_to_go_on, timeout=IDLE_SECONDS)
            self._idle -= 1
            return self._given.popleft() if self._given else None

    def _is_to_go_on(self) -> bool:
        return bool(self._given) or not threading.main_thread().is_alive()

    def _end(self, job: Job) -> None:
        with self._has_ended:
            self._busy.discard(job)
            self._has_ended.notify_all()
        # The last one, since it may end the process.
        termination.end(job.under_way)

    def _drop(self, job: Job) -> None:
        """Take back what no thread has begun."""
        with self._has_work:
            if job not in self._given:
                return  # another thread has become free, and taken it
            self._given.remove(job)
        self._end(job)

    def _end_with_main(self) -> None:
        """Wake the threads that wait for work, once Python waits for all threads to end."""
        threading.main_thread().join()
        with self._has_work:
            self._has_work.notify_all()


_pool = Pool()


def of_process() -> Pool:
    """The one pool of this process."""
    return _pool


def _forget() -> None:
    global _pool
    _pool = Pool()


# A forked child has none of the threads, and perhaps a lock that one of them holds.
os.register_at_fork(after_in_child=_forget)
