"""The step that waits for an event."""

from datetime import timedelta

import pytest

from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.awaiting import telling
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.models import Awaited, AwaitedEvent, Run
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.blocks.waits.conftest import START
from tests.workflows.blocks.waits.steps import event_lane, wait, wait_for_event
from tests.workflows.documents import action, branch, compare, document, group, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

BEGAN = int(START.timestamp())


def invoice(customer="cus_test", **fields):
    return {"id": "in_test", "object": "invoice", "customer": customer, "amount_paid": 5000, **fields}


@pytest.fixture
def begin(start, at_work, clock):
    """Start a run by an event of this moment, and let a worker take it as far as it goes."""

    def begin(*steps, **fields):
        workflow = lifecycle.create(document(*steps))
        lifecycle.activate(workflow)
        event = accept(payment(**fields), created=BEGAN)
        return at_work(Run.objects.get(event=event, workflow=workflow))

    return begin


@pytest.fixture
def comes(at_work):
    """Let an event come and the sweep tell of it; a worker takes the run if it is due."""

    def comes(run, obj=None, *, at=0, **envelope):
        accept(obj or invoice(), type=envelope.pop("type", "invoice.paid"), created=BEGAN + at, **envelope)
        telling.sweep()
        return at_work(run)

    return comes


STEPS = (
    wait_for_event(lanes=[event_lane(action("thanks", text="thanks"))], late=[action("late", text="late")]),
    action("after", text="after"),
)


def test_it_goes_on_when_the_event_comes(begin, comes, recorder):
    run = begin(*STEPS)
    assert (run.status, run.due_at) == (RunStatus.WAITING, START + timedelta(days=3))
    run = comes(run, at=60)
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, ["thanks", "after"])
    step = run.steps.get(step_key="paid")
    assert (step.branch_key, step.woken_by.type) == ("event", "invoice.paid")
    assert not Awaited.objects.exists()


def test_its_time_may_be_up(begin, at_work, clock, recorder):
    run = begin(*STEPS)
    clock.go(days=3)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["late", "after"]
    assert not Awaited.objects.exists()


def test_an_event_that_came_before_is_found(start, at_work, clock, recorder):
    run = start(*STEPS)
    Event.objects.filter(pk=run.event_id).update(created=START - timedelta(minutes=1))
    accept(invoice(), type="invoice.paid", created=BEGAN - 30)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["thanks", "after"]


@pytest.mark.parametrize(
    ("at", "since", "is_found"),
    [(-61, "start", False), (-30, "start", True), (-30, "now", False), (0, "now", True)],
)
def test_only_events_since_then_count(start, at_work, clock, at, since, is_found):
    run = start(wait_for_event(since=since))
    Event.objects.filter(pk=run.event_id).update(created=START - timedelta(minutes=1))
    accept(invoice(), type="invoice.paid", created=BEGAN + at)
    telling.sweep()
    assert at_work(run).status == (RunStatus.SUCCEEDED if is_found else RunStatus.WAITING)


HOUR = 3600
IN_USD = group(compare("trigger.currency", "equal", "usd"))
SPLIT = branch("split", way("yes", IN_USD, wait("first", 1, "hours")))


@pytest.mark.parametrize(
    ("before", "since", "at", "is_found"),
    [
        (wait("first", 1, "hours"), "steps.first", HOUR - 1, False),
        (wait("first", 1, "hours"), "steps.first", HOUR, True),
        (wait("first", 1, "hours"), "start", 1, True),
        (SPLIT, "steps.split", HOUR - 1, False),
        (SPLIT, "steps.split", HOUR, True),
    ],
)
def test_events_may_count_since_a_step_ended(begin, at_work, clock, before, since, at, is_found):
    run = begin(before, wait_for_event(since=since))
    accept(invoice(), type="invoice.paid", created=BEGAN + at)
    clock.go(hours=1)
    telling.sweep()
    assert at_work(run).status == (RunStatus.SUCCEEDED if is_found else RunStatus.WAITING)


def test_a_step_that_has_not_ended_fails_the_wait(begin, at_work, clock):
    run = begin(wait("first", 1, "hours"), wait(amount=1, unit="hours"), wait_for_event(since="steps.first"))
    clock.go(hours=1)
    at_work(run)
    run.steps.filter(step_key="first").update(finished_at=None)
    clock.go(hours=1)
    run = at_work(run)
    assert (run.status, run.steps.get(step_key="paid").error["code"]) == (RunStatus.FAILED, "step_not_ended")
    assert not Awaited.objects.exists()


@pytest.mark.parametrize(
    ("since", "named"), [("steps.inner", "“Inner”"), ("steps.gone", "the missing step “Gone”")]
)
def test_the_step_has_to_end_before_on_every_path(db, since, named):
    way_in = way("yes", IN_USD, action("inner", text="x"))
    checked = validate(document(branch("split", way_in), wait_for_event(since=since)))
    problem = next(one for one in checked.problems.errors if one.code == "step_not_ended")
    assert problem.path == "/steps/1/inputs/since"
    assert problem.message.startswith(f"Events count since {named} ended")


@pytest.mark.parametrize(
    ("obj", "envelope"),
    [
        (invoice("cus_other"), {}),
        (invoice(customer=None), {}),
        (invoice(), {"livemode": True}),
        (invoice(), {"account": "acct_other"}),
        (invoice(), {"type": "invoice.voided"}),
        (invoice(), {"at": -3600}),
        (invoice(), {"at": 3 * 86400 + 1}),
    ],
)
def test_other_events_do_not_count(begin, comes, obj, envelope):
    assert comes(begin(*STEPS), obj, **envelope).status == RunStatus.WAITING


def test_conditions_are_asked_of_the_event(begin, comes, recorder):
    more = group(compare("steps.paid.amount_paid", "greater_than", {"amount": 9000, "currency": "usd"}))
    step = wait_for_event(lanes=[event_lane(action("thanks", text="{{ steps.paid.id }}"), conditions=more)])
    run = begin(step)
    assert comes(run, invoice(currency="usd")).status == RunStatus.WAITING
    assert not AwaitedEvent.objects.exists()
    assert comes(run, invoice(currency="usd", amount_paid=9001, id="in_2")).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["in_2"]
    assert run.steps.get(step_key="paid").explanation[0]["evaluation"]["truth"] == "met"


def test_conditions_that_are_unknown_are_not_met(begin, comes):
    asked = group(compare("steps.paid.amount_paid", "greater_than", {"amount": 100, "currency": "eur"}))
    run = begin(wait_for_event(lanes=[event_lane(conditions=asked)]))
    assert comes(run, invoice(currency="usd")).status == RunStatus.WAITING


def test_one_event_wakes_every_run_once(begin, comes, recorder, at_work):
    runs = [begin(*STEPS) for _ in range(3)]
    for run in runs:
        at_work(run)
    comes(runs[0])
    assert {at_work(run).status for run in runs} == {RunStatus.SUCCEEDED}
    assert recorder.texts.count("thanks") == len(recorder.texts) / 2
    assert telling.sweep() == 0


def test_the_event_wins_in_the_second_of_the_time_out(begin, at_work, clock, recorder):
    run = begin(*STEPS)
    clock.go(days=3)
    accept(invoice(), type="invoice.paid", created=BEGAN + 3 * 86400)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["thanks", "after"]


def test_the_first_of_several_events_takes_its_lane(begin, at_work, clock, recorder):
    lanes = [event_lane(action("one", text="1")), event_lane(action("two", text="2"), key="event_2")]
    run = begin(wait_for_event(event_2="invoice.voided", same_as_2="customer", lanes=lanes))
    accept(invoice(), type="invoice.paid", created=BEGAN + 20)
    accept(invoice(), type="invoice.voided", created=BEGAN + 10)
    telling.sweep()
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["2"]
    assert not Awaited.objects.exists()


def test_a_worker_that_dies_before_it_looked_leaves_the_look_to_the_next(begin, at_work, monkeypatch, clock):
    from stripeflow.workflows.awaiting import looking

    with monkeypatch.context() as dies:
        dies.setattr(looking, "come", lambda *_args, **_options: 1 / 0)
        # As a worker that is killed: it leaves the run claimed.
        dies.setattr("stripeflow.workflows.engine.execution._is_defect", lambda *_args: False)
        with pytest.raises(ZeroDivisionError):
            begin(wait_for_event())
    run = Run.objects.get()
    assert (run.status, Awaited.objects.get().looked_at) == (RunStatus.RUNNING, None)
    accept(invoice(), type="invoice.paid", created=BEGAN + 5)
    telling.sweep()
    clock.go(minutes=5)
    assert at_work(run).status == RunStatus.SUCCEEDED


def test_an_id_may_come_from_elsewhere(begin, comes):
    run = begin(wait_for_event(object_id="{{ trigger.metadata.whose }}"), metadata={"whose": "cus_other"})
    assert comes(run).status == RunStatus.WAITING
    assert comes(run, invoice("cus_other")).status == RunStatus.SUCCEEDED


def test_a_run_without_the_object_fails_with_the_reason(begin):
    run = begin(wait_for_event(), customer=None)
    assert (run.status, run.error["code"]) == (RunStatus.FAILED, "no_same_object")


def test_waking_it_takes_the_time_out(begin, at_work, recorder, clock):
    run = begin(*STEPS)
    clock.go(seconds=1)
    on_runs.wake(run, NOBODY)
    assert at_work(run).status == RunStatus.SUCCEEDED
    assert recorder.texts == ["late", "after"]


def test_cancelling_it_waits_for_nothing_more(begin, comes):
    run = begin(*STEPS)
    on_runs.cancel(run, NOBODY)
    assert not Awaited.objects.exists()
    assert comes(run).status == RunStatus.CANCELED
    assert run.steps.get(step_key="paid").status == StepStatus.SKIPPED


def test_an_event_may_wake_a_run_and_start_one(begin, comes):
    run = begin(wait_for_event(event="payment_intent.succeeded"))
    assert comes(run, payment(), at=5, type="payment_intent.succeeded").status == RunStatus.SUCCEEDED
    assert Run.objects.count() == 2
