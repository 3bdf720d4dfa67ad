"""Events that end a run, whichever step it is at."""

from datetime import timedelta

import pytest

from stripeflow.actions.errors import TransientError, UnknownOutcome
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.awaiting import telling
from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.engine import canceling
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Awaited, AwaitedEvent, Run, StepRun
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

PAID = {"event": "invoice.paid", "same_as": "customer"}
ABOVE = group(compare("canceled_by.amount_paid", "greater_than", usd(10)))
STEPS = action("first", text="first"), wait(), action("after", text="after")


@pytest.fixture
def begin(recorder, queue):
    """Start a run that an event may end, and let a worker take it as far as it goes."""

    def begin(*steps, cancel_when=(PAID,), executed=True):
        source = document(*(steps or STEPS))
        source["trigger"]["cancel_when"] = list(cancel_when)
        workflow = lifecycle.create(source)
        lifecycle.activate(workflow)
        event = accept(payment())
        run = Run.objects.get(event=event, workflow=workflow)
        return at_work(run) if executed else run

    return begin


def at_work(run):
    execute(run.pk)
    return Run.objects.get(pk=run.pk)


def comes(customer="cus_test", *, holds=(), **envelope):
    invoice = {"id": "in_test", "object": "invoice", "customer": customer, "currency": "usd", **dict(holds)}
    event = accept(invoice, type="invoice.paid", **envelope)
    telling.sweep()
    return event


def test_it_ends_a_wait_at_once(begin, recorder):
    run = begin()
    event = comes()
    run = at_work(run)
    assert (run.status, run.canceled_by, run.error["code"]) == (
        RunStatus.CANCELED,
        event,
        "canceled_by_event",
    )
    assert recorder.texts == ["first"]
    assert run.steps.get(step_key="wait").status == StepStatus.SKIPPED
    assert not Awaited.objects.exists()


def test_an_event_before_its_first_step_ends_it(begin, recorder):
    run = begin(executed=False)
    comes()
    assert at_work(run).status == RunStatus.CANCELED
    assert recorder.texts == []


def test_a_step_under_way_finishes_first(begin, recorder):
    recorder.then(lambda: comes() and {})
    run = begin(action("first", text="first"), action("after", text="after"))
    assert (run.status, recorder.texts) == (RunStatus.CANCELED, ["first"])
    assert run.steps.get(step_key="first").status == StepStatus.SUCCEEDED


def test_after_the_last_step_it_has_succeeded(begin, recorder):
    recorder.then(lambda: comes() and {})
    run = begin(action("first", text="first"))
    assert run.status == RunStatus.SUCCEEDED
    assert not Awaited.objects.exists()


@pytest.mark.parametrize(
    "envelope", [{"customer": "cus_other"}, {"livemode": True}, {"account": "acct_other"}]
)
def test_other_events_do_not_end_it(begin, envelope):
    run = begin()
    comes(**envelope)
    assert at_work(run).status == RunStatus.WAITING


def test_a_retry_between_two_attempts_ends(begin, recorder):
    recorder.then(TransientError("Busy."))
    run = begin(action("first", text="first"))
    assert run.status == RunStatus.WAITING
    comes()
    assert at_work(run).status == RunStatus.CANCELED
    assert StepRun.objects.get(run=run).attempts == 1


def test_a_held_run_ends_when_it_is_released(begin, recorder):
    run = begin(executed=False)
    Run.objects.filter(pk=run.pk).update(status=RunStatus.HELD, held_reason="paused")
    comes()
    on_runs.release(run, NOBODY)
    assert at_work(run).status == RunStatus.CANCELED
    assert recorder.texts == []


def test_a_run_that_a_person_starts_again_is_not_ended_by_what_was_before(begin):
    run = begin()
    comes()
    run = at_work(run)
    Event.objects.update(created=run.event.created - timedelta(minutes=1))
    again = on_runs.rerun(run, NOBODY)
    assert at_work(again).status == RunStatus.WAITING


@pytest.mark.parametrize(
    ("asked", "paid", "status"),
    [
        (ABOVE, 1001, RunStatus.CANCELED),
        (ABOVE, 1000, RunStatus.WAITING),
        # Missing is unknown, which is not met.
        (ABOVE, None, RunStatus.WAITING),
        (
            group(compare("canceled_by.amount_paid", "equal", "{{ trigger.amount }}")),
            200_000,
            RunStatus.CANCELED,
        ),
        (
            group(compare("canceled_by.amount_paid", "equal", "{{ trigger.amount }}")),
            200_001,
            RunStatus.WAITING,
        ),
    ],
)
def test_its_conditions_see_the_event_and_the_trigger(begin, asked, paid, status):
    run = begin(cancel_when=[{**PAID, "conditions": asked}])
    comes(holds={} if paid is None else {"amount_paid": paid})
    assert at_work(run).status == status


def test_an_event_after_one_that_did_not_fit_ends_the_run(begin):
    run = begin(cancel_when=[{**PAID, "conditions": ABOVE}])
    comes(holds={"amount_paid": 5})
    assert at_work(run).status == RunStatus.WAITING
    assert not AwaitedEvent.objects.exists()
    event = comes(holds={"amount_paid": 5000})
    assert at_work(run).canceled_by == event


def test_in_doubt_a_run_that_moves_money_ends(begin, money):
    run = begin(wait(), money, cancel_when=[{**PAID, "conditions": ABOVE}])
    comes()
    run = at_work(run)
    assert (run.status, run.error["code"]) == (RunStatus.CANCELED, "canceled_by_event")
    assert "Nobody can say" in str(run.error)


def test_it_is_kept_in_the_document(begin):
    given = [{**PAID, "conditions": ABOVE}, {"event": "charge.refunded"}]
    run = begin(cancel_when=given)
    assert to_document(run.workflow)["trigger"]["cancel_when"] == given
    assert run.version.document["trigger"]["cancel_when"] == given


@pytest.mark.parametrize(
    ("given", "code"),
    [
        ({"event": "Paid!"}, "event_type"),
        ({"event": "invoice.paid", "same_as": "subscription"}, "no_same_object"),
        ({"event": "balance.available", "same_as": "customer"}, "no_same_object"),
        ({"event": "invoice.paid"}, "any_object"),
        ({**PAID, "conditions": group(compare("steps.a.text", "equal", "x"))}, "unknown_field"),
        ({**PAID, "conditions": group(compare("canceled_by.amount_paid", "contains", "x"))}, "operator"),
        ({"event": "invoice.paid", "conditions": ABOVE}, None),
        ({**PAID, "conditions": ABOVE}, None),
    ],
)
def test_what_cannot_end_a_run_is_said(given, code):
    source = document(action("a", text="a"))
    source["trigger"]["cancel_when"] = [given]
    said = [one.code for one in validate(source).problems if one.path.startswith("/trigger/cancel_when")]
    assert said == ([code] if code else [])


def test_a_call_that_may_have_acted_was_not_skipped(begin, recorder):
    recorder.then(UnknownOutcome("Lost."))
    run = begin()
    comes()
    Run.objects.update(due_at=run.created_at)
    assert at_work(run).status == RunStatus.CANCELED
    assert [(row.path, row.status) for row in run.steps.all()] == [("first", StepStatus.WAITING)]


def test_a_worker_that_dies_while_it_ends_all_has_canceled_nothing(begin, monkeypatch):
    run = begin()
    comes()
    with monkeypatch.context() as patch:
        patch.setattr(canceling, "_end_all", dies)
        with pytest.raises(KeyboardInterrupt):
            execute(run.pk)
    assert Run.objects.get(pk=run.pk).status == RunStatus.RUNNING


def dies(*_given):
    raise KeyboardInterrupt
