"""Run by test_awaited_events.py in a process of its own: an event comes at every point around a wait.

`python -m tests.crashes.awaiting <rounds>`, on the empty database of DATABASE_URL. Prints one line of JSON.
One side is stopped at a point, a write or a commit, while the other does all its work; or it dies there.
Then a worker and the sweep go on until nothing moves. The event has to end the wait, once.
"""

import json
import sys
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from itertools import count, product
from threading import Thread
from time import time

import django

django.setup()

from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402

from stripeflow.actions import registry  # noqa: E402
from stripeflow.triggers import inbox  # noqa: E402
from stripeflow.triggers.queue import temporarily  # noqa: E402
from stripeflow.triggers.queue.memory import MemoryBackend  # noqa: E402
from stripeflow.workflows.awaiting import telling  # noqa: E402
from stripeflow.workflows.engine.execution import execute  # noqa: E402
from stripeflow.workflows.models import Awaited, AwaitedEvent, Run  # noqa: E402
from stripeflow.workflows.operations import lifecycle  # noqa: E402
from stripeflow.workflows.states import RunStatus  # noqa: E402
from tests.crashes.points import Points, closing  # noqa: E402
from tests.crashes.tables import make_tables  # noqa: E402
from tests.workflows.blocks.waits.steps import event_lane, wait_for_event  # noqa: E402
from tests.workflows.documents import action, document  # noqa: E402
from tests.workflows.events import accept, payment  # noqa: E402
from tests.workflows.recording import Recorder, recording_action  # noqa: E402

# How long the side that is stopped lets the other work; on SQLite that one may wait for its lock.
PATIENCE = {"sqlite": 0.05}
ORDERS, ENDS = ("wait", "event"), ("stops", "dies")

_numbers = count(1)


class Stops(Points):
    """Has the other side work at one point, and then goes on; or dies there, once the other is done."""

    def __init__(self, at: int, other: Thread, *, dies: bool) -> None:
        super().__init__(at if dies else None)
        self.at, self.other = at, other

    def reach(self, name: str) -> None:
        if len(self.names) + 1 == self.at:
            self.other.start()
            self.other.join(PATIENCE.get(connection.vendor, 5))
        super().reach(name)


class Round:
    """One run that waits for one event, and that event."""

    def __init__(self, recorder: Recorder) -> None:
        self.recorder, self.customer = recorder, f"cus_{next(_numbers)}"
        self.created = int(time())
        # Another object each time: the limit on runs of one object is not what is tested here.
        started = accept(payment(id=f"pi_{self.customer}", customer=self.customer), created=self.created)
        self.run = Run.objects.get(event=started)

    def wait(self) -> None:
        execute(self.run.pk)

    def event(self) -> None:
        invoice = {"id": "in_1", "object": "invoice", "customer": self.customer}
        body = {
            "id": f"evt_{self.customer}",
            "object": "event",
            "type": "invoice.paid",
            "created": self.created + 1,
            "livemode": False,
            "data": {"object": invoice},
        }
        # Stripe sends it again until it is answered.
        inbox.accept_stripe(body, mirror=False)
        telling.sweep()

    def play(self, order: str, end: str, at: int) -> int:
        """Returns how many points there were before the side that was stopped was done."""
        one, two = (self.wait, self.event) if order == "wait" else (self.event, self.wait)
        other = Thread(target=closing(two))
        stops = Stops(at, other, dies=end == "dies")
        with stops.watching():
            one()
        if other.ident is None:
            other.start()
        other.join()
        self._settle()
        return len(stops.names)

    def _settle(self) -> None:
        for _turn in range(4):
            past = timezone.now() - timedelta(minutes=2)
            Run.objects.filter(pk=self.run.pk, status=RunStatus.RUNNING).update(lease_expires_at=past)
            self.event()
            execute(self.run.pk)

    def faults(self) -> Iterator[str]:
        run = Run.objects.get(pk=self.run.pk)
        said = Counter(text for text in self.recorder.texts if text.endswith(f" {self.customer}"))
        if run.status != RunStatus.SUCCEEDED or said != {f"came {self.customer}": 1}:
            yield "doubled" if sum(said.values()) > 1 else "missed"
        if Awaited.objects.filter(run=run).exists() or AwaitedEvent.objects.exists():
            yield "left behind"


def main(rounds: int) -> None:
    make_tables()
    recorder, found, played = Recorder(), Counter[str](), 0
    points: dict[str, int] = {}
    came = action("came", text="came {{ trigger.customer }}")
    late = action("late", text="late {{ trigger.customer }}")
    step = wait_for_event(lanes=[event_lane(came)], late=[late])
    with temporarily(MemoryBackend()), registry.temporarily(recording_action(recorder)):
        lifecycle.activate(lifecycle.create(document(step)))
        while played < rounds:
            for order, end in product(ORDERS, ENDS):
                at = 1
                # A side that stops passes all of its points, so it comes first.
                while at <= points.get(order, at):
                    one = Round(recorder)
                    points[order] = max(points.get(order, 0), one.play(order, end, at))
                    for fault in one.faults():
                        found[f"{fault}: {order} {end} at {at}"] += 1
                    at, played = at + 1, played + 1
    print(json.dumps({"rounds": played, "points": points, "faults": found}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
