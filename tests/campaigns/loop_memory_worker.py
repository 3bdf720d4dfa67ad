"""Run by loop_memory.py in a process of its own: takes one run through a list, and prints what that took.

`python -m tests.campaigns.loop_memory_worker <items>`, on the empty database of DATABASE_URL.
"""

import json
import resource
import sys
import time
from typing import Any

import django

django.setup()

from stripeflow.actions import registry  # noqa: E402
from stripeflow.triggers.queue import temporarily  # noqa: E402
from stripeflow.triggers.queue.memory import MemoryBackend  # noqa: E402
from stripeflow.workflows.engine.execution import execute  # noqa: E402
from stripeflow.workflows.models import Loop, LoopItem, Run  # noqa: E402
from stripeflow.workflows.operations import lifecycle  # noqa: E402
from tests.crashes.tables import make_tables  # noqa: E402
from tests.workflows.blocks.loop.paged import Shelf, paging_action  # noqa: E402
from tests.workflows.blocks.loop.steps import loop  # noqa: E402
from tests.workflows.documents import action, document  # noqa: E402
from tests.workflows.events import accept, payment  # noqa: E402
from tests.workflows.recording import Recorder, recording_action  # noqa: E402

# With it an item is as large as a charge.
TEXT = "a" * 2_000
PAGE = 100


class Long(Shelf):
    """Makes each page when it is asked for, and keeps nothing of what it was asked."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.items = items

    def page(self, after: str, limit: int) -> dict[str, Any]:
        self.asked.clear()
        self.contexts.clear()
        start = int(after.removeprefix("ch_")) + 1 if after else 0
        numbers = range(start, min(start + limit, self.items))
        data = [{"id": f"ch_{number}", "amount": number, "text": TEXT} for number in numbers]
        return {"object": "list", "data": data, "has_more": start + limit < self.items}


class Counter(Recorder):
    """Counts calls, and keeps none."""

    def __init__(self) -> None:
        super().__init__()
        self.done = 0

    def __call__(self, inputs: Any, context: Any) -> dict[str, Any]:
        self.done += 1
        return {"text": inputs["text"]}


def main(items: int) -> None:
    make_tables()
    counter = Counter()
    note = action("note", text="{{ item.id }}")
    over = loop(note, over="{{ steps.all.data }}", pages="all", max_items=items, sum_of="amount")
    with (
        temporarily(MemoryBackend()),
        registry.temporarily(recording_action(counter)),
        registry.temporarily(paging_action(Long(items))),
    ):
        lifecycle.activate(lifecycle.create(document(action("all", "test.pages", limit=PAGE), over)))
        run, began = Run.objects.get(event=accept(payment())), time.monotonic()
        # A run makes room for others now and then.
        while not (status := execute(run.pk)) or not status.is_final:
            time.sleep(0.01)
    run.refresh_from_db()
    done = LoopItem.objects.filter(loop__run=run, status="succeeded").count()
    if (run.status, done, counter.done) != ("succeeded", items, items):
        raise SystemExit(f"The run {run.status}, with {done} items and {counter.done} calls: {run.error}")
    said = {
        "items": items,
        "pages": Loop.objects.get(run=run).pages,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
        "seconds": time.monotonic() - began,
    }
    print(json.dumps(said))


if __name__ == "__main__":
    main(int(sys.argv[1]))
