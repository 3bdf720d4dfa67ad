"""Runs of one process that are all inside of a call at once, through the real engine and database."""

import decimal
import threading
import time

import pytest
from django.utils import translation

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.triggers.redaction import redacted
from stripeflow.workflows import lending, lifecycle
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import Run, StepRun, Workflow
from stripeflow.workflows.models.limits import Spending
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker import draining
from stripeflow.workflows.worker import pool as threads
from stripeflow.workflows.worker.dispatching import Dispatcher
from tests.workflows.documents import action, compare, document, group
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db(transaction=True)

SOON = 60.0
MANY = 8


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
        first = Run.objects.filter(status=RunStatus.QUEUED).first()
        Dispatcher(pool, places, ends=time.monotonic() + SOON).work(first.pk)
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
            accept(payment(description=str(number)), account=f"acct_{number}")
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
    kind = recording_action(recorder, key="test.money")
    kind.moves_money = True

    def move(_self, inputs, context):
        together.wait()
        context.reserve(amount=100, currency="usd")
        return {"text": "moved"}

    kind.run = move
    with registry.temporarily(kind):
        workflow = lifecycle.create(document(action("one", "test.money", text="a")))
        lifecycle.activate(workflow)
        Workflow.objects.filter(pk=workflow.pk).update(refund_caps={"usd": 300})
        for _number in range(MANY):
            accept(payment())
        work()
    assert statuses() == ["failed"] * (MANY - 3) + ["succeeded"] * 3
    assert set(Spending.objects.values_list("amount", flat=True)) == {300}


def test_the_switch_lets_the_calls_under_way_end_and_no_further_one_begin(work, recorder):
    begun = threading.Barrier(MANY, timeout=SOON)

    def stop():
        if begun.wait() == 0:
            switch.stop()
        begun.wait()
        return {}

    recorder.then(*[stop] * MANY)
    lifecycle.activate(lifecycle.create(document(action("one", text="a"), action("two", text="b"))))
    for _number in range(MANY):
        accept(payment())
    try:
        work()
        assert statuses() == ["held"] * MANY
        assert recorder.texts == ["a"] * MANY
        assert set(StepRun.objects.values_list("status", flat=True)) == {"succeeded"}
    finally:
        switch.forget()


def test_twice_as_many_runs_as_places_are_executed_once_each(work, recorder):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for number in range(2 * MANY):
        accept(payment(id=f"pi_{number}"))
    work(places=MANY)
    assert statuses() == ["succeeded"] * 2 * MANY
    assert len(recorder.keys) == len(set(recorder.keys)) == 2 * MANY
