"""One installation under test: two active workflows, a queue that may lose everything, and the checks."""

import time
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from itertools import count
from typing import Any
from unittest import mock

from django.utils import timezone

from stripeflow.triggers import inbox, storing
from stripeflow.triggers.models import Event
from stripeflow.triggers.queue import backend
from stripeflow.triggers.queue.memory import MemoryBackend
from stripeflow.triggers.sql import ALONE
from stripeflow.workflows import tasks
from stripeflow.workflows.models import Reservation, Run, RunOperation, StepRun
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus, StepStatus
from stripeflow.workflows.worker.due import look_around
from tests.crashes.outside import Door, Outside
from tests.crashes.points import Points
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, branch, compare, document, failing, group, usd, way
from tests.workflows.events import payment

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
GO_ON = {"on_error": "continue"}
# What must have happened once, at the end of a run of the long workflow.
ACTING_ONCE = {"pay", "late", "lost", "rescue", "stored", "kept"}
# Whose first key tells nothing, and that has not acted with it: it is begun anew once.
ANEW = "stored"
ROUNDS = 40

_numbers = count(1)


def make_workflows() -> None:
    look = branch("choose", way("large", LARGE, action("look", "test.safe", text="{{ steps.pay.text }}")))
    rescue = action("rescue", "test.keyed", text="{{ steps.broken.error.code }}")
    long = document(
        action("pay", "test.keyed", text="{{ trigger.id }}"),
        look,
        wait("patience", 1, "minutes"),
        action("late", "test.keyed", text="{{ steps.pay.text }}"),
        {**action("missing", "test.keyed", text="{{ trigger.metadata.nothing }}"), **GO_ON},
        {**action("refused", "test.keyed", text="a"), **GO_ON},
        action("tell", "test.ask", text="a"),
        action("lost", "test.keyed", text="{{ event.id }}"),
        action(ANEW, "test.keyed", text="{{ event.id }}"),
        action("kept", "test.keyed", text="{{ event.id }}"),
        failing(action("broken", "test.keyed", text="a"), rescue),
        action("never", "test.keyed", text="a"),
        name="Long",
        conditions=LARGE,
    )
    for source in (long, document(action("only", "test.keyed", text="a"), name="Short")):
        lifecycle.activate(lifecycle.create(source))


class Queue(MemoryBackend):
    """Where a process may die before it has written a message, and after."""

    reach: Callable[[str], None]

    def enqueue(self, task: str, *args: object) -> str:
        if task != EXECUTE:
            return super().enqueue(task, *args)
        self.reach("before the ring")
        sent = super().enqueue(task, *args)
        self.reach("after the ring")
        return sent


class World:
    """The life of one event, or of some: an empty inbox, a fresh outside, and an empty queue."""

    def __init__(self, events: int = 1) -> None:
        for model in (Reservation, RunOperation, StepRun, Run, Event):
            model.objects.all().delete()
        self.points = Points()
        self.asked: set[str] = set()
        self.bodies = [self._body() for _number in range(events)]
        Door.outside = self.outside = Outside(self._reach)
        self.queue = backend()
        self.queue.reach = self._reach
        self.queue.messages.clear()

    def die_in(self, work: Callable[[], Any], *, at: int | None) -> Points:
        """Do `work` in a process that dies at point `at`; returns the points that it passed."""
        passed = self.points = Points(at)
        with passed.watching():
            work()
        self.points = Points()
        if passed.dead:
            self.queue.messages.clear()  # the worst queue: it loses what it holds
        return passed

    # What processes do

    def deliver(self) -> None:
        for body in self.bodies:
            inbox.accept_stripe(body, mirror=False)

    def deliver_together(self) -> None:
        """What the one of several threads does that leads: it stores the events of all, by one commit."""
        with mock.patch.object(storing._stored, "write", side_effect=lambda _event: 0) as write:
            self.deliver()
        events = [call.args[0] for call in write.call_args_list]
        for event, result in zip(events, storing._store_together(events), strict=True):
            if result is ALONE:
                storing._store_alone(event)

    def ring(self) -> None:
        look_around()

    def work_off(self) -> None:
        while self.queue.messages:
            message = self.queue.messages.pop(0)
            if message.task == EXECUTE:
                tasks.execute(*message.args)

    def wait(self) -> None:
        """Everybody's patience ends: leases, pauses, waits, and rings that nobody answered."""
        past = timezone.now() - timedelta(minutes=2)
        Run.objects.filter(status=RunStatus.RUNNING).update(lease_expires_at=past)
        Run.objects.filter(status=RunStatus.WAITING).update(due_at=past)
        StepRun.objects.at_waits().update(due_at=past)
        Run.objects.exclude(rung_at=None).update(rung_at=past)
        Event.objects.filter(matched_at=None).update(match_due_at=past)

    def turn(self) -> None:
        self.ring()
        self.work_off()

    def settle(self) -> bool:
        """Let the ring and a worker go on until all is done; False if it never is."""
        for _round in range(ROUNDS):
            self.wait()
            self.turn()
            self._answer()
            if not self._is_open():
                return True
        return False

    # What must hold

    def faults(self) -> list[str]:
        """Everything that breaks the guarantee."""
        found = list(self.outside.faults)
        events = len(self.bodies)
        if not Event.objects.filter(matched_at__isnull=False).count() == Event.objects.count() == events:
            found.append("an event was lost, doubled or never matched")
        names = sorted(Run.objects.values_list("workflow__name", flat=True))
        if names != sorted(["Long", "Short"] * events):
            found.append(f"runs of {names}")
        for run in Run.objects.select_related("workflow"):
            found += self._faults_of(run)
        return found

    def _faults_of(self, run: Run) -> list[str]:
        found = []
        if run.status != RunStatus.SUCCEEDED or run.token or run.lease_expires_at:
            found.append(f"the run ended as {run.status}")
        rows = [(step.path, step) for step in run.steps.filter(kind="action")]
        steps = dict(rows)
        if doubled := Counter(path for path, _step in rows) - Counter([*steps, *steps.keys() & {ANEW}]):
            found.append(f"{doubled} have too many rows")
        if run.workflow.name == "Long" and [path for path, _step in rows].count(ANEW) != 2:
            found.append(f"{ANEW} was not begun anew")
        found += [f"{path} is {step.status}" for path, step in steps.items() if not step.state.is_recorded]
        for (run_id, path), keys in self.outside.keys.items():
            if run_id == str(run.pk) and keys != {step.idempotency_key for at, step in rows if at == path}:
                found.append(f"{path} was called with {len(keys)} keys")
        for path in ACTING_ONCE if run.workflow.name == "Long" else ("only",):
            if (effects := self._effects(run, path)) != 1:
                found.append(f"{path} had {effects} effects")
        if run.workflow.name == "Long":
            found += self._faults_of_asking(run)
            if run.steps.filter(path="patience", status=StepStatus.SUCCEEDED).count() != 1:
                found.append("it did not wait once")
            if "never" in steps:
                found.append("what an error branch stands in place of was begun")
        return found

    def _faults_of_asking(self, run: Run) -> list[str]:
        effects = self._effects(run, "tell")
        found = [f"tell had {effects} effects"] if effects > 1 else []
        if effects == 0 and "tell" not in self.asked:
            found.append("tell never happened, and nobody was asked")
        if strange := self.asked - {"tell"}:
            found.append(f"a person was asked about {strange}")
        return found

    def _effects(self, run: Run, path: str) -> int:
        return self.outside.effects[str(run.pk), path]

    # Details

    def _answer(self) -> None:
        """A person says that what nobody knows did happen."""
        for run in Run.objects.filter(status=RunStatus.OUTCOME_UNKNOWN):
            self.asked |= set(
                run.steps.filter(status=StepStatus.OUTCOME_UNKNOWN).values_list("path", flat=True)
            )
            seen = {"revision": run.revision, "outputs": {"text": "a"}}
            on_runs.confirm(on_runs.get(run.pk), on_runs.Act(), **seen)

    def _is_open(self) -> bool:
        open_runs = Run.objects.exclude(status__in=[status for status in RunStatus if status.is_final])
        return open_runs.exists() or Event.objects.filter(matched_at=None).exists()

    def _reach(self, name: str) -> None:
        if name.startswith("after"):
            self.points.changed()
        self.points.reach(name)

    def _body(self) -> dict[str, Any]:
        number = next(_numbers)
        return {
            "id": f"evt_{number}",
            "object": "event",
            "type": "payment_intent.succeeded",
            "created": int(time.time()),
            "livemode": False,
            "data": {"object": payment(id=f"pi_{number}")},
            "request": {"id": None, "idempotency_key": None},
        }
