"""Runs of one process that are all inside of a call at once, through the real engine and database."""

import decimal
import threading
import time
from collections import Counter
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone, translation

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.rate_limit import take_place
from stripeflow.triggers.redaction import redacted
from stripeflow.workflows import conf, lending
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.engine.transitions import claim_run
from stripeflow.workflows.limits import switch
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import Beat, Run, StepRun, Workflow
from stripeflow.workflows.models.limits import Spending
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker import draining
from stripeflow.workflows.worker import pool as threads
from stripeflow.workflows.worker.dispatching import Dispatcher
from tests.workflows.documents import action, compare, document, group
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action, reserving_action

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 60.0
MANY = 16


@pytest.fixture
def pool(monkeypatch, queue):
    pool = threads.Pool()
    monkeypatch.setattr(threads, "IDLE_SECONDS", 0.01)
    monkeypatch.setattr(draining, "_is_behind", False)
    yield pool
    assert pool.wait_until_busy_with_fewer(1, seconds=SOON)
    lending.close_free()


@pytest.fixture
def work(pool):
    def work(*, places=MANY):
        # A message that names none of them: the dispatcher takes whatever waits.
        Dispatcher(pool, places, ends=time.monotonic() + SOON).work(uuid4())
        assert pool.wait_until_busy_with_fewer(1, seconds=SOON)

    return work


def statuses():
    return sorted(Run.objects.values_list("status", flat=True))


def test_none_sees_the_account_the_secret_or_the_language_of_another_one(work, recorder):
    together, seen = threading.Barrier(MANY, timeout=SOON), {}
    secrets = [f"value-of-secret-{number}-only" for number in range(MANY)]

    def look(inputs, context):
        number = int(context.account.removeprefix("acct_"))
        together.wait()
        translation.activate(["ja", "en"][number % 2])
        decimal.getcontext().prec = number + 1
        together.wait()
        hidden = [redacted(f"is {secret}") for secret in secrets]
        seen[number] = (
            inputs["text"],
            [place for place, text in enumerate(hidden) if text != f"is {secrets[place]}"],
            translation.get_language(),
            decimal.getcontext().prec,
            context.idempotency_key.split(":")[1] == context.run_id,
        )
        together.wait()
        return {"text": str(number)}

    kind = recording_action(recorder, key="test.secret")
    kind.inputs = (StringInput(name="text", label="Text", secret=True),)
    kind.run = lambda _self, inputs, context: look(inputs, context)
    with registry.temporarily(kind):
        for number, value in enumerate(secrets):
            secret_changes.store(f"secret-{number}", value)
            step = action("one", "test.secret", text={"secret": f"secret-{number}"})
            its_own = group(compare("trigger.description", "equal", str(number)))
            lifecycle.activate(lifecycle.create(document(step, conditions=its_own)))
            accept(payment(id=f"pi_{number}", description=str(number)), account=f"acct_{number}")
        work()
    assert statuses() == ["succeeded"] * MANY
    assert seen == {
        number: (value, [number], ["ja", "en"][number % 2], number + 1, True)
        for number, value in enumerate(secrets)
    }
    assert {
        step.run.event.account: step.outputs["text"] for step in StepRun.objects.select_related("run__event")
    } == {f"acct_{number}": str(number) for number in range(MANY)}


def test_a_cap_holds_for_all_that_reserve_at_once(work, recorder):
    together = threading.Barrier(MANY, timeout=SOON)
    with registry.temporarily(reserving_action(recorder, together)):
        workflow = lifecycle.create(document(action("one", "test.money", text="a")))
        lifecycle.activate(workflow)
        Workflow.objects.filter(pk=workflow.pk).update(refund_caps={"usd": 300})
        for number in range(MANY):
            accept(payment(id=f"pi_{number}"))
        work()
    assert statuses() == ["failed"] * (MANY - 3) + ["succeeded"] * 3
    assert set(Spending.objects.values_list("amount", flat=True)) == {300}


def test_the_switch_lets_the_calls_under_way_end_and_no_further_one_begin(work, recorder):
    """Neither a second step of the runs under way, nor the first one of those that wait for a place."""
    begun = threading.Barrier(MANY, timeout=SOON)

    def stop():
        if begun.wait() == 0:
            switch.stop()
        begun.wait()
        return {}

    recorder.then(*[stop] * MANY)
    lifecycle.activate(lifecycle.create(document(action("one", text="a"), action("two", text="b"))))
    for number in range(2 * MANY):
        accept(payment(id=f"pi_{number}"))
    try:
        work()
        assert statuses() == ["held"] * 2 * MANY
        assert recorder.texts == ["a"] * MANY
        assert Counter(StepRun.objects.values_list("status", flat=True)) == {"succeeded": MANY}
    finally:
        switch.forget()


class Second:
    """A clock that stands still until each thread has made its call, or waits for the next second."""

    START = 1_000_000.0

    def __init__(self, threads):
        self.over = threading.Barrier(threads, timeout=SOON)
        self.local = threading.local()

    def time(self):
        return getattr(self.local, "now", self.START)

    def sleep(self, seconds):
        self.over.wait()
        self.local.now = self.time() + seconds

    def made(self):
        """The second of the call that this thread has just made."""
        now = self.time()
        if now == self.START:
            self.over.wait()
        return int(now)


@pytest.mark.parametrize("limited", ["ENDPOINT", "TEST", "TEST_ALL_ACCOUNTS"])
def test_all_together_make_no_more_calls_in_a_second_than_the_limit_allows(work, recorder, settings, limited):
    names = "ENDPOINT", "TEST", "TEST_ALL_ACCOUNTS"
    limits = {f"STRIPE_CALLS_PER_SECOND_{name}": 5 if name == limited else 1000 for name in names}
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, **limits}
    together, clock, made = threading.Barrier(MANY, timeout=SOON), Second(MANY), []

    def call():
        together.wait()
        url = "https://api.example.com/v1/refunds"
        take_place("post", url, live=False, now=clock.time, sleep=clock.sleep)
        made.append(clock.made())
        return {}

    recorder.then(*[call] * MANY)
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for number in range(MANY):
        accept(payment(id=f"pi_{number}"))
    work()
    assert Counter(made) == {1_000_000: 5, 1_000_001: 5}
    # The others are put off, which is no attempt.
    assert statuses() == ["succeeded"] * 10 + ["waiting"] * (MANY - 10)
    assert set(StepRun.objects.filter(status="waiting").values_list("attempts", flat=True)) == {0}


class Died(BaseException):
    """What ends the thread in the midst of its call, past the engine."""


def die():
    raise Died


def leases_end():
    Run.objects.filter(status=RunStatus.RUNNING).update(
        lease_expires_at=timezone.now() - timedelta(seconds=1)
    )


def test_the_interruptions_of_each_run_are_counted_by_itself(work, recorder):
    lifecycle.activate(lifecycle.create(document(action("one", "test.safe", text="a"))))
    for number in range(MANY):
        accept(payment(id=f"pi_{number}"))
    most = conf.get("MAX_INTERRUPTIONS")
    for made in range(1, most + 1):
        recorder.then(*[die] * MANY)
        work()
        assert statuses() == ["running"] * MANY
        assert Counter(recorder.keys) == dict.fromkeys(recorder.keys, made)
        leases_end()
    work()
    assert statuses() == ["failed"] * MANY
    assert len(recorder.calls) == most * MANY


def test_each_step_renews_the_lease_of_its_own_run(work, recorder):
    seen = {}

    def look(run_id):
        leases = Run.objects.filter(pk=run_id).values_list("token", "lease_expires_at")
        seen.setdefault(run_id, []).append(leases.get())

    kind = recording_action(recorder, key="test.look")
    together = threading.Barrier(MANY, timeout=SOON)

    def run(_self, inputs, context):
        together.wait()
        look(context.run_id)
        together.wait()
        return {"text": inputs["text"]}

    kind.run = run
    with registry.temporarily(kind):
        steps = action("one", "test.look", text="a"), action("two", "test.look", text="b")
        lifecycle.activate(lifecycle.create(document(*steps)))
        for number in range(MANY):
            accept(payment(id=f"pi_{number}"))
        work()
    assert statuses() == ["succeeded"] * MANY
    for (first, begins), (second, renewed) in seen.values():
        assert first == second
        assert begins < renewed
    assert len({token for (token, _ends), _second in seen.values()}) == MANY


def test_a_run_that_another_worker_has_taken_over_is_the_only_one_that_its_thread_leaves(work, recorder):
    together, lost = threading.Barrier(MANY, timeout=SOON), []

    def call():
        if together.wait() == 0:
            run = Run.objects.filter(status=RunStatus.RUNNING).first()
            Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
            lost.append(claim_run(run.pk, now=timezone.now()))
        together.wait()
        return {}

    recorder.then(*[call] * MANY)
    lifecycle.activate(lifecycle.create(document(action("one", text="a"), action("two", text="b"))))
    for number in range(MANY):
        accept(payment(id=f"pi_{number}"))
    work()
    (claim,) = lost
    assert statuses() == ["running"] + ["succeeded"] * (MANY - 1)
    run = Run.objects.get(status=RunStatus.RUNNING)
    assert (run.pk, run.token) == (claim.run_id, claim.token)
    # The answer that it got stands, since the other one has not begun the step again.
    assert [(step.path, step.status) for step in run.steps.all()] == [("one", "succeeded")]
    assert Counter(recorder.texts) == {"a": MANY, "b": MANY - 1}


def test_calls_that_hang_keep_nobody_from_the_last_place(work, recorder, monkeypatch):
    """All others go through it, and the process goes on to sign for its life."""
    monkeypatch.setattr(heartbeat, "_signed", float("-inf"))
    others = 2 * MANY
    hang, let_go, quick = threading.Semaphore(MANY - 1), threading.Event(), []

    def call():
        if hang.acquire(blocking=False):
            assert let_go.wait(SOON)
            return {}
        quick.append(1)
        if len(quick) == others:
            assert Beat.objects.of(heartbeat.CLUSTER).exists()
            assert Run.objects.filter(status=RunStatus.RUNNING).count() == MANY
            let_go.set()
        return {}

    recorder.then(*[call] * (MANY - 1 + others))
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for number in range(MANY - 1 + others):
        accept(payment(id=f"pi_{number}"))
    work()
    assert len(quick) == others
    assert statuses() == ["succeeded"] * (MANY - 1 + others)


def test_twice_as_many_runs_as_places_are_executed_once_each(work, recorder):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for number in range(2 * MANY):
        accept(payment(id=f"pi_{number}"))
    work(places=MANY)
    assert statuses() == ["succeeded"] * 2 * MANY
    assert len(recorder.keys) == len(set(recorder.keys)) == 2 * MANY
