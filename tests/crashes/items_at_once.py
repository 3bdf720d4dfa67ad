"""Run by test_items_at_once.py in a process of its own: a loop that takes three items at once, in threads.

`python -m tests.crashes.items_at_once <every>`, on the empty database of DATABASE_URL. Prints a line of JSON.
The worker dies with all its threads at a point of any of them: a write, a commit or a call. Or that one
thread stops there, the run is taken over, and it goes on later, while the other threads never stop. Each
item has to have its turn with one key for each of its calls. What has begun is finished, also where the loop
stops.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar, copy_context
from datetime import timedelta
from itertools import count
from threading import Condition, Lock, Thread
from typing import Any
from unittest import mock

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from stripeflow.actions import registry  # noqa: E402
from stripeflow.actions.base import Action, OutputField, Outputs, Repeat  # noqa: E402
from stripeflow.actions.errors import PermanentError, TransientError  # noqa: E402
from stripeflow.actions.inputs import StringInput  # noqa: E402
from stripeflow.triggers.queue import temporarily  # noqa: E402
from stripeflow.triggers.queue.memory import MemoryBackend  # noqa: E402
from stripeflow.workflows import lending  # noqa: E402
from stripeflow.workflows.engine import several_items  # noqa: E402
from stripeflow.workflows.engine.execution import execute  # noqa: E402
from stripeflow.workflows.models import Loop, LoopItem, Run, StepRun  # noqa: E402
from stripeflow.workflows.operations import lifecycle  # noqa: E402
from stripeflow.workflows.states import ItemStatus, RunStatus, StepStatus  # noqa: E402
from tests.crashes.points import Died, Points, closing  # noqa: E402
from tests.crashes.tables import make_tables  # noqa: E402
from tests.workflows.blocks.loop.paged import Shelf, paging_action  # noqa: E402
from tests.workflows.blocks.loop.steps import charges, loop  # noqa: E402
from tests.workflows.documents import action, document  # noqa: E402
from tests.workflows.events import accept, payment  # noqa: E402

ITEMS, PAGE, AT_ONCE = 5, 3, 3
# How long another worker may work while a thread is stopped; on SQLite it may wait for that one's lock.
PATIENCE = {"sqlite": 0.05, "postgresql": 0.3}
CALL_SECONDS = 0.005
ENDS = ("stops", "dies")
# Whether all goes well, one item is put off once, or one fails and the loop stops.
WELL, PUT_OFF, STOPS = "well", "put off", "stops"
# The item that is put off, and the one that fails.
LATE, BROKEN = "ch_1", "ch_2"
_numbers = count(1)
# The worker whose points are passed; its threads inherit it, and those of other workers do not.
_doomed: ContextVar["Crew | None"] = ContextVar("doomed", default=None)


class Crew(Points):
    """The points of all threads of one worker."""

    def __init__(self, at: int, other: Thread | None, *, dies: bool) -> None:
        super().__init__(at if dies else None)
        self.at, self.other, self.stops, self._lock = at, other, not dies, Lock()

    def reach(self, name: str) -> None:
        with self._lock:
            if self.dead:
                raise Died("after its death")
            is_to_stop = self.stops and len(self.names) + 1 == self.at
            super().reach(name)
        if is_to_stop and self.other is not None:
            self.other.start()
            self.other.join(PATIENCE[connection.vendor])

    def work(self, run_id: Any) -> None:
        """Execute the run in a thread of its own, as a worker's pool does."""
        thread = Thread(target=self._work, args=[run_id])
        thread.start()
        thread.join()

    def _work(self, run_id: Any) -> None:
        with self._working():
            execute(run_id)

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Pass the points of this thread, and of those that it starts: whatever connections they borrow."""
        lend, take_back = lending.Lender.lend, lending.Lender.take_back

        def lent(lender: lending.Lender, *, in_call: bool) -> Any:
            wrapper = lend(lender, in_call=in_call)
            if (crew := _doomed.get()) is not None:
                crew._watch(wrapper)
            return wrapper

        def taken_back(lender: lending.Lender, wrapper: Any) -> None:
            if (crew := _doomed.get()) is not None:
                crew._leave(wrapper)
            take_back(lender, wrapper)

        token = _doomed.set(self)
        try:
            with (
                # What this thread passes, those that it starts pass as well.
                mock.patch.object(several_items, "Context", copy_context),
                mock.patch.object(lending.Lender, "lend", lent),
                mock.patch.object(lending.Lender, "take_back", taken_back),
                lending.borrowing(),
            ):
                yield
        except Died:
            assert self.dead
        finally:
            _doomed.reset(token)

    def _watch(self, wrapper: Any) -> None:
        commit = wrapper._commit
        wrapper.execute_wrappers.append(self._execute)
        wrapper._commit = lambda: self._commit_of(wrapper, commit)

    def _leave(self, wrapper: Any) -> None:
        wrapper.execute_wrappers.remove(self._execute)
        del wrapper._commit
        if self.dead:
            # As the server sees it: the client is gone, and with it what it had not committed.
            wrapper.close()

    def _commit_of(self, wrapper: Any, commit: Any) -> None:
        try:
            self.reach("before COMMIT")
        except Died:
            wrapper._rollback()
            raise
        commit()
        self.reach("after COMMIT")


def reach(name: str) -> None:
    """Pass a point of the outside, if the thread is one of the doomed worker."""
    if (crew := _doomed.get()) is not None:
        crew.reach(name)


class Outside:
    """What was called with which keys, and how many calls of the doomed worker were under way at once."""

    def __init__(self) -> None:
        self.forget(WELL)

    def forget(self, case: str) -> None:
        self.case = case
        self.keys: dict[str, set[str]] = {}
        self.put_off: set[str] = set()
        self.under_way = self.most = 0
        self._came = Condition()

    def call(self, text: str, key: str) -> dict[str, Any]:
        reach("before the call")
        with self._came:
            self.keys.setdefault(text, set()).add(key)
            is_first = text not in self.put_off
            self.put_off.add(text)
            if _doomed.get() is not None:
                self.under_way += 1
                self.most = max(self.most, self.under_way)
                self._came.notify_all()
                # A call takes a moment, in which another one comes.
                self._came.wait_for(lambda: self.under_way > 1, timeout=CALL_SECONDS)
        try:
            reach("after the call")
        finally:
            if _doomed.get() is not None:
                with self._came:
                    self.under_way -= 1
        if text == f"2:{LATE}" and is_first and self.case == PUT_OFF:
            raise TransientError("Later.")
        if text == f"1:{BROKEN}" and self.case == STOPS:
            raise PermanentError("No.", code="refused")
        return {"text": text}


def calling_action(outside: Outside) -> type[Action]:
    class Calling(Action):
        key = "test.calling"
        label = "Call"
        category = "Tests"
        moves_money = destructive = changes_customers = False
        repeat = Repeat.KEYED
        inputs = (StringInput("text", label="Text", references=True),)
        outputs = Outputs(fields=(OutputField("text", "Text", "string"),))

        def run(self, inputs: Any, context: Any) -> dict[str, Any]:
            return outside.call(inputs["text"], context.idempotency_key)

    return Calling


class Round:
    """One run over one list."""

    def __init__(self, shelf: Shelf, outside: Outside, case: str) -> None:
        self.shelf, self.outside, self.stops = shelf, outside, case == STOPS
        shelf.asked.clear()
        outside.forget(case)
        self.run = Run.objects.get(event=accept(payment(id=f"pi_{next(_numbers)}")))

    def play(self, end: str, at: int) -> int:
        """Returns how many points the worker passed."""
        other = Thread(target=closing(self._settle))
        crew = Crew(at, other, dies=end == "dies")
        crew.work(self.run.pk)
        if other.ident is None:
            other.start()
        other.join()
        self._settle()
        return len(crew.names)

    def _settle(self) -> None:
        for _turn in range(3):
            past = timezone.now() - timedelta(minutes=2)
            open_runs = Run.objects.filter(pk=self.run.pk)
            open_runs.filter(status=RunStatus.RUNNING).update(lease_expires_at=past)
            open_runs.filter(status=RunStatus.WAITING).update(due_at=past)
            LoopItem.objects.filter(loop__run=self.run, due_at__isnull=False).update(due_at=past)
            execute(self.run.pk)

    def faults(self) -> Iterator[str]:
        run = Run.objects.get(pk=self.run.pk)
        expected = RunStatus.FAILED if self.stops else RunStatus.SUCCEEDED
        if run.status != expected or (self.stops and run.error["code"] != "loop_too_many_failed"):
            yield f"the run is {run.status}: {run.error}"
        if any(len(own) != 1 for own in self.outside.keys.values()):
            yield "doubled"
        if self.outside.most > AT_ONCE:
            yield "too many at once"
        found = Loop.objects.filter(run=run).first()
        if found is None:
            yield "no list was recorded"
            return
        yield from self._faults_of(list(found.items.order_by("number")))
        steps = StepRun.objects.filter(run=run)
        if steps.filter(status__in=[StepStatus.STARTED, StepStatus.WAITING]).exists():
            yield "a step was left behind"
        if Counter(steps.values_list("path", flat=True)).most_common(1)[0][1] > 1:
            yield "a step has two rows"
        # One more call than pages: the one that was under way.
        if max(Counter(self.shelf.asked).values()) > 2 or len(self.shelf.asked) > 3:
            yield "a page was listed again"

    def _faults_of(self, items: list[LoopItem]) -> Iterator[str]:
        if not self.stops and [item.key for item in items] != [f"ch_{number}" for number in range(ITEMS)]:
            yield "the list is another one"
        for item in items:
            calls = {text for text in self.outside.keys if text.endswith(f":{item.key}")}
            done = {f"1:{item.key}", f"2:{item.key}"}
            match item.state:
                case ItemStatus.SUCCEEDED if calls == done:
                    continue
                case ItemStatus.FAILED if self.stops and item.key == BROKEN and len(calls) == 1:
                    continue
                case ItemStatus.PENDING if self.stops and item.started_at is None and not calls:
                    continue
            yield f"{item.key} is {item.status}, and called {sorted(calls)}"


def main(every: int) -> None:
    make_tables()
    outside, shelf = Outside(), Shelf(*charges(ITEMS))
    found, points, most, played = Counter[str](), 0, 0, 0
    listing = action("all", "test.pages", limit=PAGE)
    body = [action(name, "test.calling", text=f"{name[-1]}:{{{{ item.id }}}}") for name in ("call1", "call2")]
    with (
        temporarily(MemoryBackend()),
        registry.temporarily(calling_action(outside)),
        registry.temporarily(paging_action(shelf)),
    ):
        given = {"pages": "all", "parallel": AT_ONCE, "if_item_fails": "stop"}
        over = loop(*body, over="{{ steps.all.data }}", **given)
        lifecycle.activate(lifecycle.create(document(listing, over)))
        for case in (WELL, PUT_OFF, STOPS):
            # The first worker passes all points undisturbed.
            passed = Round(shelf, outside, case).play("stops", 0)
            points, most = max(points, passed), max(most, outside.most)
            for end in ENDS:
                for at in range(1, passed + 1, every):
                    one = Round(shelf, outside, case)
                    one.play(end, at)
                    for fault in one.faults():
                        found[f"{fault}: {case}, {end} at {at}"] += 1
                    played += 1
    print(json.dumps({"rounds": played, "points": points, "most": most, "faults": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
