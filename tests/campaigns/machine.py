"""A Hypothesis state machine over all that may befall events, workers, workflows and runs.

Everything happens in this process, on the test's database, with a clock of its own.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from itertools import count
from typing import Any
from unittest import mock
from uuid import UUID

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from stripeflow.actions import registry
from stripeflow.actions.base import Repeat
from stripeflow.triggers import inbox, reconcile
from stripeflow.triggers.event_listing import Listing
from stripeflow.triggers.models import Event
from stripeflow.triggers.queue import temporarily
from stripeflow.triggers.queue.memory import MemoryBackend
from stripeflow.workflows import tasks
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.transitions import claim_run
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.maintenance import retention
from stripeflow.workflows.models import Run, RunOperation, StepRun, Workflow
from stripeflow.workflows.models.approval import Verdict
from stripeflow.workflows.models.operation import OperationKind
from stripeflow.workflows.models.step_run import LookUp
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus, StepStatus, WorkflowStatus
from stripeflow.workflows.versions.plans import forget_plans
from stripeflow.workflows.worker.due import look_around
from tests.campaigns import connected, patient
from tests.campaigns.clock import BEGIN, FakeClock
from tests.campaigns.long_and_short import long, short
from tests.campaigns.pretend_stripe import OUTCOMES, Killed, PretendStripe
from tests.campaigns.steered import judge_steered, steered
from tests.campaigns.watching import Memory, Transitions
from tests.workflows.events import payment
from tests.workflows.recording import recording_action

LEASE_IS_OVER = timedelta(seconds=46)
# Together less than the hour between our 23 and Stripe's 24.
BACKWARD, BACKWARDS = timedelta(minutes=20), 2
FORWARD = timedelta(hours=3)
ROUNDS = 60
TYPE = "payment_intent.succeeded"
PAUSES = (1, 20, 46, 130, 3_600, 23 * 3_600, 25 * 3_600)
CHANGES = (
    "edit",
    "activate",
    "deactivate",
    "pause",
    "resume",
    "resume",
    "stop all",
    "start all",
    "start all",
)
OPERATIONS = ("cancel", "release", "wake", "rerun")
NEXT_GROUP = (OperationKind.RETRY, OperationKind.AGAIN)

_numbers = count(1)
outcomes = st.lists(st.sampled_from(OUTCOMES), min_size=1, max_size=6)
mostly = st.sampled_from([True, True, True, False])
any_number = st.integers(min_value=0, max_value=20)


class Machine(RuleBasedStateMachine):
    """The rules do; the invariants judge after each of them; `teardown` lets all come to its end."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.stripe = PretendStripe(lambda: self.clock.true, self._overtake)
        self.transitions, self.memory = Transitions(), Memory()
        self.queue = MemoryBackend()
        self.happened: dict[str, dict[str, Any]] = {}
        self.dues: dict[int, datetime] = {}
        self.expected: set[tuple[str, str]] = set()
        self.back_left = BACKWARDS
        self._stack = ExitStack()
        self._begin()

    # Events

    @initialize()
    def two_workflows(self) -> None:
        with self.step():
            for made in (long("v1"), short("v1")):
                lifecycle.activate(lifecycle.create(made))
        for large in (True, False):
            self.deliver(large, arrives=True)

    @initialize()
    def others(self) -> None:
        with self.step():
            lifecycle.activate(lifecycle.create(steered()))
            connected.activate_all()
            patient.activate()
        self.deliver(False, arrives=True)

    @rule(large=st.booleans(), arrives=mostly)
    def deliver(self, large: bool, arrives: bool) -> None:
        """Something happens at Stripe; now and then its webhook does not arrive."""
        event = self._happen(large)
        if arrives:
            with self.step():
                self._accept(event)

    @rule(which=any_number, missing=st.booleans())
    def deliver_again(self, which: int, missing: bool) -> None:
        """A copy arrives, or all that never arrived is fetched."""
        if missing:
            self._reconcile()
            return
        events = list(self.happened.values())
        with self.step():
            self._accept(events[which % len(events)])

    @rule(which=any_number, event_type=st.sampled_from(patient.FOLLOWING), arrives=mostly)
    def follow(self, which: int, event_type: str, arrives: bool) -> None:
        """Something else happens to the customer of a payment, for which a run may wait."""
        paid = [one for one in self.happened.values() if one["type"] == TYPE]
        customer = paid[which % len(paid)]["data"]["object"]["customer"]
        event = self._create(event_type, {"id": f"ob_{next(_numbers)}", "customer": customer})
        if arrives:
            with self.step():
                self._accept(event)

    # Workers, and time

    @rule(plan=outcomes)
    def work(self, plan: list[str]) -> None:
        """A worker takes a message; if there is none, the ring looks what waits."""
        if not self.queue.of(EXECUTE):
            self._notify()
        if run_id := self._next():
            self._work(plan, run_id)

    @rule(plan=outcomes, seconds=st.sampled_from(PAUSES))
    def work_later(self, plan: list[str], seconds: int) -> None:
        self.clock.forward(timedelta(seconds=seconds))
        self._notify()
        self.work(plan)

    @rule(happens=st.sampled_from(["lost", "doubled", "set back", "set forward"]))
    def trouble(self, happens: str) -> None:
        """The queue loses or doubles its messages, or our clock is set back or forward."""
        if happens == "lost":
            self.queue.messages.clear()
        elif happens == "doubled":
            self.queue.messages += self.queue.messages[:5]
        elif happens == "set forward":
            self.clock.jump(FORWARD)
        elif self.back_left:
            self.back_left -= 1
            self.clock.jump(-BACKWARD)

    @rule(workers=st.integers(min_value=1, max_value=6), seconds=st.sampled_from([1, 46]))
    def die_outside_a_step(self, workers: int, seconds: int) -> None:
        """One worker after the other takes a run, and ends before it records anything."""
        run_id = self._next()
        for _worker in range(workers if run_id else 0):
            with self.step():
                claim_run(UUID(run_id), now=self.clock.now)
            self.clock.forward(timedelta(seconds=seconds))

    # People

    @rule(name=st.sampled_from(["Long", "Short"]), change=st.sampled_from(CHANGES), version=any_number)
    def manage(self, name: str, change: str, version: int) -> None:
        """Somebody edits, activates, deactivates, pauses or resumes a workflow, or uses the switch."""
        workflow = Workflow.objects.get(name=name)
        made = {"Long": long, "Short": short}[name](f"v{version}")
        changes: dict[str, Callable[[], Any]] = {
            "edit": lambda: editing.update(workflow, made, revision=workflow.revision),
            "activate": lambda: lifecycle.activate(workflow),
            "deactivate": lambda: lifecycle.deactivate(workflow),
            "pause": lambda: pausing.pause(workflow.pk, "A person paused it."),
            "resume": lambda: pausing.resume(workflow.pk),
            "stop all": switch.stop,
            "start all": switch.start,
        }
        if change == "deactivate" and workflow.status != WorkflowStatus.ACTIVE:
            return
        with self.step():
            changes[change]()

    @rule(which=any_number, operation=st.sampled_from(OPERATIONS))
    def operate(self, which: int, operation: str) -> None:
        """Somebody does what can be done to one of the runs in such a state."""
        self._operate(which, _states_for(operation), getattr(on_runs, operation))

    @rule(which=any_number)
    def retry(self, which: int) -> None:
        """Somebody looks after a run that failed."""
        self._operate(which, _states_for("retry"), on_runs.retry)

    @rule(which=any_number, answer=st.sampled_from(["confirm", "deny", "do_again"]))
    def answer(self, which: int, answer: str) -> None:
        """Somebody looks after a run whose outcome nobody knows."""
        resolve = getattr(on_runs, answer)
        self._operate(which, _states_for(answer), lambda run, act: resolve(run, act, revision=run.revision))

    @rule(which=any_number, answer=st.sampled_from(["confirm", "deny", "do_again"]))
    def answer_an_old_page(self, which: int, answer: str) -> None:
        """Somebody answers what was asked before another worker took the run."""
        resolve, answered = getattr(on_runs, answer), RunOperation.objects.count()
        self._operate(
            which, _states_for(answer), lambda run, act: resolve(run, act, revision=run.revision - 1)
        )
        assert RunOperation.objects.count() == answered

    @rule(which=any_number, who=st.sampled_from(patient.PEOPLE), verdict=st.sampled_from(Verdict))
    def decide(self, which: int, who: str, verdict: Verdict) -> None:
        """Somebody approves or declines what a run asks."""
        with self.step():
            patient.decide(which, who, verdict)

    @rule(hours=st.sampled_from([0, 1, 24]))
    def prune(self, hours: int) -> None:
        with self.step():
            retention.prune(timedelta(hours=hours))

    # What holds at any time

    @invariant()
    def nothing_happened_twice(self) -> None:
        assert [key for key, times in self.stripe.effects.items() if times > 1] == []
        for run_id, step in self.stripe.keys:
            assert self.stripe.acted(run_id, step) <= 1 + _times_by_people(run_id), (run_id, step)
        assert self.stripe.faults == []

    @invariant()
    def only_people_and_look_ups_open_the_next_group(self) -> None:
        for (run_id, step), keys in self.stripe.keys.items():
            not_found = StepRun.objects.filter(run_id=run_id, path=step, look_up=LookUp.NOT_FOUND).count()
            assert len(keys) <= 1 + _times_by_people(run_id) + not_found, (run_id, step, keys)

    @invariant()
    def an_error_branch_stands_in_place_of_what_follows(self) -> None:
        failed = StepRun.objects.filter(path="more", status=StepStatus.FAILED)
        mended = StepRun.objects.filter(path="mend").values("run")
        assert not StepRun.objects.filter(path="last", run__in=mended).exists()
        assert mended.filter(run__in=failed.values("run")).count() == mended.count()

    @invariant()
    def waits_end_when_they_are_due_or_a_person_ends_them(self) -> None:
        woken = set(RunOperation.objects.filter(kind=OperationKind.WAKE).values_list("run", flat=True))
        for step in StepRun.objects.filter(path="wait"):
            assert step.due_at is not None, step.run_id
            due = self.dues.setdefault(step.pk, step.due_at)
            assert step.due_at == due or (step.due_at < due and step.run_id in woken), step.run_id
            assert step.status != StepStatus.SUCCEEDED or step.finished_at >= step.due_at, step.run_id
            self.dues[step.pk] = step.due_at
        waited = StepRun.objects.filter(path="wait", status=StepStatus.SUCCEEDED).values("run")
        assert not StepRun.objects.filter(path="later").exclude(run__in=waited).exists()

    @invariant()
    def of_one_key_one_run_passes_and_nothing_follows_an_end(self) -> None:
        judge_steered(self.stripe.keys)

    @invariant()
    def those_that_start_each_other_agree(self) -> None:
        connected.judge()

    @invariant()
    def items_count_once_and_people_are_obeyed(self) -> None:
        patient.judge(self.stripe.keys)

    @invariant()
    def states_change_by_the_table(self) -> None:
        assert self.transitions.forbidden == []

    @invariant()
    def what_is_recorded_stays(self) -> None:
        self.memory.look()
        assert self.memory.changed == []

    @invariant()
    def every_state_has_a_way_out(self) -> None:
        assert not Run.objects.filter(status=RunStatus.RUNNING, token=None).exists()
        assert not Run.objects.filter(status=RunStatus.RUNNING, lease_expires_at=None).exists()
        assert not Run.objects.filter(status=RunStatus.WAITING, due_at=None).exists()
        assert not Run.objects.filter(status=RunStatus.HELD, held_reason="").exists()

    def teardown(self) -> None:
        """When nothing goes wrong any more, everything comes to an end, and the judges look once more."""
        try:
            self._settle()
            self._judge_the_end()
        finally:
            self._stack.close()

    # Details

    def _begin(self) -> None:
        forget_plans()
        switch.forget()
        patches = [
            mock.patch("django.utils.timezone.now", side_effect=lambda: self.clock.now),
            temporarily(self.queue),
            # A worker looks at the switch every two seconds, which pass between any two rules.
            mock.patch.object(switch, "KEEP_SECONDS", 0.0),
            self.transitions.watched(),
        ]
        doors = {
            Repeat.KEYED: self.stripe.keyed,
            Repeat.SAFE: self.stripe.reading,
            Repeat.ASK: self.stripe.unkeyed,
        }
        for repeat, door in doors.items():
            patches.append(registry.temporarily(_acting(door, repeat, self.stripe)))
        patches.append(_taken_back())
        for patch in patches:
            self._stack.enter_context(patch)

    def _next(self) -> str | None:
        """Take the next message off the queue that asks for a run; those that ask for e-mails are lost."""
        while self.queue.messages:
            message = self.queue.messages.pop(0)
            if message.task == EXECUTE:
                return str(message.args[0])
        return None

    @contextmanager
    def step(self) -> Iterator[None]:
        """One transaction's worth of work, then what is to follow its commit; a death loses that."""
        self.clock.forward(timedelta(seconds=2))
        try:
            yield
        except Killed:
            connection.run_on_commit.clear()
        while connection.run_on_commit:
            _ids, follow, _robust = connection.run_on_commit.pop(0)
            follow()

    def _happen(self, large: bool) -> dict[str, Any]:
        number = next(_numbers)
        rows = [{"id": name} for name in patient.ROWS]
        made = payment(90_000 if large else 20_000, id=f"pi_{number}", customer=f"cus_{number}", rows=rows)
        event = self._create(TYPE, made)
        if self.clock.is_right:  # else nobody can say what was active at that time
            active = Workflow.objects.filter(status=WorkflowStatus.ACTIVE).values_list("name", flat=True)
            names = {"Steered", "Long", "Parent", patient.NAME, *(["Short"] if large else [])}
            self.expected |= {(event["id"], name) for name in names & set(active)}
        return event

    def _create(self, event_type: str, obj: dict[str, Any]) -> dict[str, Any]:
        # Stripe's clock has whole seconds; activations are at least one of them older or newer.
        self.clock.forward(timedelta(seconds=2))
        event = {
            "id": f"evt_{next(_numbers)}",
            "object": "event",
            "type": event_type,
            "created": int(self.clock.true.timestamp()),
            "livemode": False,
            "data": {"object": obj},
            "request": {"id": None, "idempotency_key": None},
        }
        self.happened[event["id"]] = event
        return event

    def _accept(self, event: dict[str, Any]) -> None:
        inbox.accept_stripe(event, mirror=False)

    def _listing(self, _listing: Listing, **_options: Any) -> Any:
        def between(start: int, end: int | None, *, most: int | None) -> list[dict[str, Any]]:
            return [e for e in self.happened.values() if start <= e["created"] < (end or float("inf"))]

        return mock.Mock(between=between)

    def _notify(self) -> None:
        with self.step():
            look_around()

    def _reconcile(self) -> None:
        with self.step(), mock.patch.object(reconcile, "EventList", self._listing):
            reconcile.reconcile(Listing(False), since=BEGIN - timedelta(days=1))

    def _work(self, plan: list[str], run_id: str) -> None:
        self.stripe.plan = list(plan)
        with self.step():
            tasks.execute(run_id)
        self.stripe.plan = []

    def _overtake(self, run_id: str) -> None:
        """While one worker still waits for its answer, its lease ends, and another takes the run."""
        self.clock.forward(LEASE_IS_OVER)
        rest, self.stripe.plan = self.stripe.plan, []
        tasks.execute(run_id)
        self.stripe.plan = rest

    def _operate(self, which: int, states: Any, operation: Callable[[Run, Act], Any]) -> None:
        runs = Run.objects.filter(status__in=states).order_by("event_id", "workflow_id", "created_at")
        found = list(runs[: which + 1])
        if not found:
            return
        with self.step():
            try:
                operation(on_runs.get(found[-1].pk), Act())
            except NotPossible as refusal:
                # Emptied, judged again and found not to match, or of a workflow that is not active.
                assert str(refusal).endswith(".")  # noqa: PT017

    def _settle(self) -> None:
        with self.step():
            switch.start()
            for workflow in Workflow.objects.all():
                pausing.resume(workflow.pk)
        self._reconcile()
        for _round in range(ROUNDS):
            self.clock.forward(timedelta(seconds=61))
            with self.step():
                look_around()
            while run_id := self._next():
                self._work([], run_id)
            if not self._open().exists():
                return
        raise AssertionError(f"They never ended: {list(self._open().values())}")

    def _open(self) -> Any:
        ends = [status for status in RunStatus if status.is_final]
        return Run.objects.exclude(status__in=[*ends, RunStatus.OUTCOME_UNKNOWN])

    def _judge_the_end(self) -> None:
        for judge in (
            self.nothing_happened_twice,
            self.states_change_by_the_table,
            self.what_is_recorded_stays,
        ):
            judge()
        assert not Event.objects.filter(matched_at=None).exists()
        assert set(connected.of_stripe()) == set(self.happened)
        runs = Run.objects.filter(rerun_of=None).values_list("event__external_id", "workflow__name")
        found = list(runs)
        assert len(found) == len(set(found))
        assert self.expected <= set(found)
        for run in Run.objects.filter(status=RunStatus.SUCCEEDED):
            self._judge_success(run)
        if self.back_left == BACKWARDS:  # else nobody can say what came first
            patient.judge_the_end()

    def _judge_success(self, run: Run) -> None:
        confirmed = run.operations.filter(kind=OperationKind.HAPPENED).values_list("step", flat=True)
        acting = run.steps.filter(status=StepStatus.SUCCEEDED)
        for step in acting.exclude(action__in=("", "test.safe")).exclude(path__in=list(confirmed)):
            assert self.stripe.acted(str(run.pk), step.path), step.idempotency_key


def _states_for(operation: str) -> list[RunStatus]:
    ended = [status for status in RunStatus if status.is_final]
    states = {
        "cancel": list(RunStatus.before(RunStatus.CANCELED)),
        "release": [RunStatus.HELD],
        "wake": [RunStatus.WAITING],
        "rerun": ended,
        "retry": [RunStatus.FAILED],
    }
    return states.get(operation, [RunStatus.OUTCOME_UNKNOWN])


def _times_by_people(run_id: str) -> int:
    return RunOperation.objects.filter(run_id=run_id, kind__in=NEXT_GROUP).count()


def _acting(door: Callable[..., dict[str, Any]], repeat: Repeat, stripe: PretendStripe) -> Any:
    kind = recording_action(door, key=f"test.{repeat}", repeat=repeat)
    if repeat is Repeat.KEYED:
        kind.look_up = lambda _self, inputs, context: stripe.look_up(inputs, context)
    return kind


@contextmanager
def _taken_back() -> Iterator[None]:
    """Whatever is written in this block never was."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)
