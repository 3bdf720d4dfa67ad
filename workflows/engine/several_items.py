"""Items of a loop that are under way at once: each in a thread, all under the one claim of their run.

Nothing else is new: each item has its own rows, each step its own record and key, and each write lands only
while the run is still this worker's. So a worker that dies leaves behind what one item would, several times.
Only the thread of the run decides what begins, and what becomes of the run once all have come to a stop.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import Context
from dataclasses import dataclass, field
from queue import Empty, SimpleQueue
from types import TracebackType

from django.db import connection
from django.utils import timezone

from stripeflow.workflows import conf, lending
from stripeflow.workflows.definition.plan import LanePlan, WayPlan
from stripeflow.workflows.engine.execution import Execution, Turn
from stripeflow.workflows.engine.frames import Enter, Item
from stripeflow.workflows.engine.loop_items import Rounds, begin_item, end_item
from stripeflow.workflows.engine.places import Share
from stripeflow.workflows.engine.recording import Stopped
from stripeflow.workflows.engine.transitions import LostLease
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import LoopItem
from stripeflow.workflows.models.failures import Failure
from stripeflow.workflows.states import RunStatus

# Of several reasons why items stopped, the one with the highest number is the run's.
_GRAVITY = {RunStatus.WAITING: 0, RunStatus.OUTCOME_UNKNOWN: 1, RunStatus.HELD: 2}
_ENDS_RUN = 3


@dataclass(eq=False)
class _Job:
    """One item, which one thread carries out, and how that came out."""

    item: LoopItem
    walk: Execution
    done: Callable[["_Job"], None]
    error: Failure | None = None
    raised: BaseException | None = None
    _taken: threading.Lock = field(default_factory=threading.Lock)

    def carry_out(self) -> None:
        """Do it, unless another thread does."""
        if not self._taken.acquire(blocking=False):
            return
        try:
            begin_item(self.walk.claim, self.item)
            self.error = self.walk.walk_item()
            end_item(self.walk.claim, self.item, self.error)
        except BaseException as error:  # noqa: BLE001  the thread of the run raises it
            self.raised = error
        self.done(self)

    def carry_out_in_thread(self) -> None:
        """The same in a thread of its own, which borrows connections and signs for nobody."""
        with lending.borrowing(), heartbeat.unsigned():
            self.carry_out()


class SeveralItems:
    """The items that are under way: up to `places` at once, as far as the process has so many.

    To be used as a context, which waits for all of them.
    """

    def __init__(self, turn: Turn, rounds: Rounds, lane: LanePlan | WayPlan, places: int) -> None:
        self._turn, self._rounds, self._lane = turn, rounds, lane
        # A thread would not see what an open transaction has written, as in tests.
        self._is_alone = connection.in_atomic_block or min(places, conf.get("CONCURRENCY")) == 1
        self._more = Share(0 if self._is_alone else places - 1)
        self._threads: ThreadPoolExecutor | None = None
        self._busy: set[_Job] = set()
        self._ended: SimpleQueue[_Job] = SimpleQueue()
        self._stops: list[Stopped] = []
        self._raised: list[BaseException] = []

    def __enter__(self) -> "SeveralItems":
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _trace: TracebackType | None
    ) -> None:
        if self._threads is not None:
            lending.give_back()
            self._threads.shutdown()
        self._more.give_back()

    @property
    def has_room(self) -> bool:
        """Whether one more may be under way."""
        return not self._raised and len(self._busy) < 1 + self._more.adjust()

    @property
    def is_busy(self) -> bool:
        """Whether one is under way."""
        return bool(self._busy)

    @property
    def is_stopped(self) -> bool:
        """Whether no further item begins, since one has come to a stop."""
        return bool(self._stops or self._raised)

    def stop(self, why: Stopped) -> None:
        """Have no further item begin, and the run be left for this reason, or for one that is graver."""
        self._stops.append(why)

    def begin(self, item: LoopItem) -> None:
        """Have a thread walk the item. One that waits for its next attempt stays as it is until then."""
        if item.due_at is not None and item.due_at > timezone.now():
            self.stop(Stopped(RunStatus.WAITING, self._turn.step, None, due_at=item.due_at))
            return
        walk = self._turn.walk
        entered = Enter(self._lane, Item(item.number, item.value, item.key), again=True)
        job = _Job(item, walk.beside(self._turn, entered, walk.claim.for_item(item.pk)), self._ended.put)
        self._busy.add(job)
        if self._is_alone:
            job.carry_out()
            return
        self._threads = self._threads or ThreadPoolExecutor(
            1 + self._more.most, thread_name_prefix="stripeflow-item"
        )
        try:
            # No item sees what another one set: its language, its secrets, its decimal context.
            self._threads.submit(Context().run, job.carry_out_in_thread)
        except RuntimeError:
            # There is no further thread: the memory is used up, or the process ends.
            job.carry_out()

    def wait(self) -> None:
        """Wait until one is done, as a worker that is alive. All that is done by then counts."""
        self._note(self._next())
        while not self._ended.empty():
            self._note(self._ended.get())

    def _next(self) -> _Job:
        since = time.monotonic()
        while True:
            lending.give_back()
            try:
                return self._ended.get(timeout=heartbeat.SIGN_SECONDS)
            except Empty:
                # A call that never returns must not look like life.
                if time.monotonic() - since < conf.get("LEASE_SECONDS"):
                    heartbeat.sign()

    def _note(self, job: _Job) -> None:
        self._busy.discard(job)
        match job.raised:
            case None:
                self._rounds.note_end(job.error)
            case Stopped() as why:
                self._stops.append(why)
            case error:
                self._raised.append(error)

    def check(self) -> None:
        """Raise why an item could not end, once none is under way: `Stopped`, `LostLease`, or a defect."""
        if self._raised:
            # What a worker without the run makes of it says nothing.
            raise next((one for one in self._raised if isinstance(one, LostLease)), self._raised[0])
        if self._stops:
            # Of those that wait, the first one that is due.
            raise max(self._stops, key=_gravity)


def _gravity(stop: Stopped) -> tuple[int, float]:
    due = stop.columns.get("due_at")
    return _GRAVITY.get(stop.status, _ENDS_RUN), -due.timestamp() if due else 0.0
