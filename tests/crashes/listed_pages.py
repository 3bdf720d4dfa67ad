"""Run by test_listed_pages.py in a process of its own: a loop over a list that is read a page at a time.

`python -m tests.crashes.listed_pages <every>`, on the empty database of DATABASE_URL. Prints a line of JSON.
The worker dies at a point, a write, a commit or a call; or it stops there, loses its lease, and goes on once
another has done the rest. Meanwhile the list gets new items, and loses those that are done. Each item has to
have its turn once, with one key, and no page that is recorded may be asked for again.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count
from threading import Thread, current_thread, main_thread
from typing import Any

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from stripeflow.actions import registry  # noqa: E402
from stripeflow.triggers.queue import temporarily  # noqa: E402
from stripeflow.triggers.queue.memory import MemoryBackend  # noqa: E402
from stripeflow.workflows.engine.execution import execute  # noqa: E402
from stripeflow.workflows.models import Loop, LoopItem, Run  # noqa: E402
from stripeflow.workflows.operations import lifecycle  # noqa: E402
from stripeflow.workflows.states import RunStatus  # noqa: E402
from tests.crashes.points import Points, closing  # noqa: E402
from tests.crashes.tables import make_tables  # noqa: E402
from tests.workflows.blocks.loop.paged import Shelf, paging_action  # noqa: E402
from tests.workflows.blocks.loop.steps import charges, loop  # noqa: E402
from tests.workflows.documents import action, document  # noqa: E402
from tests.workflows.events import accept, payment  # noqa: E402
from tests.workflows.recording import Recorder, recording_action  # noqa: E402

ITEMS, PAGE = 3, 2
# How long another worker may work while one is stopped; on SQLite it may wait for the lock of that one.
PATIENCE = {"sqlite": 0.05, "postgresql": 0.3}
ENDS = ("stops", "dies")
_numbers = count(1)


class Stops(Points):
    """Lets another worker go first at one point; or dies there."""

    def __init__(self, at: int, other: Thread, *, dies: bool) -> None:
        super().__init__(at if dies else None)
        self.at, self.other, self.stops = at, other, not dies

    def reach(self, name: str) -> None:
        if self.stops and len(self.names) + 1 == self.at:
            self.other.start()
            self.other.join(PATIENCE[connection.vendor])
        super().reach(name)


class Changing(Shelf):
    """A list that others change: a new item in front at each call, and what is done is gone from it."""

    def __init__(self, recorder: Recorder) -> None:
        super().__init__(*charges(ITEMS))
        self.recorder, self.points = recorder, Points()

    def page(self, after: str, limit: int) -> dict[str, Any]:
        self._reach("before the call")
        # A cursor that is gone is refused, as Stripe does it.
        self.values = [one for one in self.values if one["id"] not in self.recorder.texts]
        answer = super().page(after, limit)
        if after:
            self.values = [{"id": f"ch_new{next(_numbers)}", "amount": 1}, *self.values]
        self._reach("after the call")
        return answer

    def _reach(self, name: str) -> None:
        if current_thread() is main_thread():
            self.points.reach(name)


class Round:
    """One run over one list."""

    def __init__(self, shelf: Changing) -> None:
        self.shelf, shelf.recorder.calls[:] = shelf, []
        shelf.values, shelf.points = charges(ITEMS), Points()
        shelf.asked.clear()
        self.run = Run.objects.get(event=accept(payment(id=f"pi_{next(_numbers)}")))

    def play(self, end: str, at: int) -> int:
        """Returns how many points the worker passed."""
        other = Thread(target=closing(self._settle))
        self.shelf.points = stops = Stops(at, other, dies=end == "dies")
        with stops.watching():
            execute(self.run.pk)
        self.shelf.points = Points()
        if other.ident is None:
            other.start()
        other.join()
        self._settle()
        return len(stops.names)

    def _settle(self) -> None:
        for _turn in range(2):
            past = timezone.now() - timedelta(minutes=2)
            open_runs = Run.objects.filter(pk=self.run.pk)
            open_runs.filter(status=RunStatus.RUNNING).update(lease_expires_at=past)
            open_runs.filter(status=RunStatus.WAITING).update(due_at=past)
            execute(self.run.pk)

    def faults(self) -> Iterator[str]:
        run = Run.objects.get(pk=self.run.pk)
        expected = [f"ch_{number}" for number in range(ITEMS)]
        keys = {inputs["text"]: set() for inputs, _context in self.shelf.recorder.calls}
        for inputs, context in self.shelf.recorder.calls:
            keys[inputs["text"]].add(context.idempotency_key)
        if run.status != RunStatus.SUCCEEDED:
            yield f"the run is {run.status}: {run.error}"
        if list(keys) != expected:
            yield "missed or out of order"
        if any(len(own) != 1 for own in keys.values()):
            yield "doubled"
        found = Loop.objects.filter(run=run).first()
        if found is None:
            yield "no list was recorded"
            return
        if list(found.items.order_by("number").values_list("key", "status")) != [
            (key, "succeeded") for key in expected
        ]:
            yield "the rows say otherwise"
        if (found.pages, found.count, found.duplicates, found.attempts) != (2, ITEMS, 0, 0):
            yield "pages were counted wrong"
        if LoopItem.objects.filter(loop__run=run).count() != ITEMS:
            yield "items were left behind"
        # One more call than pages: the one that was under way.
        if max(Counter(self.shelf.asked).values()) > 2 or len(self.shelf.asked) > 3:
            yield "a page was listed again"


def main(every: int) -> None:
    make_tables()
    recorder, found, played = Recorder(), Counter[str](), 0
    shelf = Changing(recorder)
    listing = action("all", "test.pages", limit=PAGE)
    over = loop(action("note", text="{{ item.id }}"), over="{{ steps.all.data }}", pages="all")
    with (
        temporarily(MemoryBackend()),
        registry.temporarily(recording_action(recorder)),
        registry.temporarily(paging_action(shelf)),
    ):
        lifecycle.activate(lifecycle.create(document(listing, over)))
        # The first worker passes all points undisturbed.
        points = Round(shelf).play("stops", 0)
        for end in ENDS:
            for at in range(1, points + 1, every):
                one = Round(shelf)
                one.play(end, at)
                for fault in one.faults():
                    found[f"{fault}: {end} at {at}"] += 1
                played += 1
    print(json.dumps({"rounds": played, "points": points, "faults": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
