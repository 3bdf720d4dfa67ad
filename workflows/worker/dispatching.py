"""Works on several runs at once: claims those that wait, and gives each claim to a thread.

The dispatcher is a task of the queue, in the main thread. It returns as soon as nothing waits, and the
threads go on beyond it: no slow call keeps the other places empty, and the queue's timeout concerns the
dispatcher alone. Messages that arrive later wake it again; while it is full, other processes get them.
"""

import threading
import time
from functools import partial
from uuid import UUID

from django.db import connection

from stripeflow.triggers.queue import backend
from stripeflow.triggers.redaction import redacting
from stripeflow.workflows import conf, lending
from stripeflow.workflows.engine import execution
from stripeflow.workflows.engine.transitions import Claim
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.queue import notify
from stripeflow.workflows.worker import draining, pool, stuck

# A run takes about so long from its claim to its first call.
AHEAD_SECONDS = 0.005


def work(run_id: UUID, *, since: float) -> None:
    """Serve the message that names a run, and other runs that wait.

    `since` is when the wake-up began, on the monotonic clock.
    """
    places = concurrency()
    if places == 1:
        draining.work(run_id, since=since)
        return
    leave_if_stuck(run_id)
    Dispatcher(pool.of_process(), places, ends=since + conf.get("DRAIN_SECONDS")).work(run_id)


def concurrency() -> int:
    """How many runs this process may work on at once.

    One where nobody waits for the threads of the queue's processes, and where a thread would not see what
    this one has written: inside of a transaction, as in tests.
    """
    return int(conf.get("CONCURRENCY")) if may_use_threads() else 1


def may_use_threads() -> bool:
    """Whether somebody waits for the threads of this process, and they see what this one has written."""
    is_main = threading.current_thread() is threading.main_thread()
    return is_main and not connection.in_atomic_block and backend().waits_for_threads


def leave_if_stuck(run_id: UUID | None = None) -> None:
    """End this process if one of its threads is stuck; the run of a message is left to the other ones."""
    threads = pool.of_process()
    if not stuck.is_any(threads):
        return
    if run_id is not None:
        notify(run_id)
    stuck.leave_if_stuck(threads)


class Dispatcher:
    """One wake-up: it fills the `places` until nothing waits, or until it `ends` on the monotonic clock."""

    def __init__(self, threads: pool.Pool, places: int, *, ends: float) -> None:
        self._threads, self._places, self._ends = threads, places, ends
        self._tried: set[UUID] = set()

    def work(self, run_id: UUID) -> None:
        """Take the run that a message names, or in a long queue those whose turn it is; then what waits."""
        named = draining.Waiting(run_id, is_once=False)
        chosen = [] if draining.is_behind() else [named]
        while chosen := chosen or draining.waiting(self._tried, 2 * self._places):
            if not self._has_room():
                draining.leave_rest(chosen[0].run_id)
                return
            busy = len(self._threads.busy())
            free = self._places - busy
            claims = self._claimed(chosen[:free])
            for claim in claims:
                self._threads.give(claim.run_id, partial(carry_out, claim))
            if claims and chosen == [named]:
                self._let_go_ahead(busy)
            chosen = chosen[free:]
        draining.note_end()

    def _let_go_ahead(self, others: int) -> None:
        """Look for more a moment later: meanwhile the run of the message has Python for itself."""
        self._threads.wait_until_busy_with_fewer(others + 1, seconds=AHEAD_SECONDS)

    def _claimed(self, chosen: list[draining.Waiting]) -> list[Claim]:
        """Those of the runs that this process gets."""
        self._tried.update(run_id for run_id, is_once in chosen if is_once)
        return execution.claim_all([run_id for run_id, _is_once in chosen])

    def _has_room(self) -> bool:
        """Wait for a place while there is time, as a worker that is alive."""
        heartbeat.sign()
        while not self._is_over():
            left = min(self._ends - time.monotonic(), heartbeat.SIGN_SECONDS)
            if self._threads.wait_until_busy_with_fewer(self._places, seconds=left):
                return not self._is_over()
            heartbeat.sign()
        return False

    def _is_over(self) -> bool:
        return time.monotonic() >= self._ends or termination.is_asked()


@redacting
def carry_out(claim: Claim) -> None:
    """Take a claimed run as far as it goes, in a thread of the pool.

    The thread signs for nobody: it lives on where no more messages are taken.
    """
    with lending.borrowing(), heartbeat.unsigned():
        execution.carry_out(claim)
