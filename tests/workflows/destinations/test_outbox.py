import json
from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from stripeflow.actions.errors import PermanentError, UnknownOutcome
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes, outbox
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.giving_up import give_up_exhausted
from stripeflow.workflows.engine.transitions import LostLease, claim_run, leave
from stripeflow.workflows.models import EventDelivery, OutgoingEvent, Run
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.approvals import approval, approver
from tests.workflows.documents import action, branch, compare, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db


def told():
    """The types of events, in the order in which they were written."""
    return [one.event.type for one in EventDelivery.objects.select_related("event").order_by("pk")]


def data(type_):
    return json.loads(OutgoingEvent.objects.get(type=type_).body)["data"]


def test_nothing_is_written_while_no_destination_is_enabled(add, finish):
    changes.disable(add().destination, NOBODY)
    finish(action("one", text="a"))
    assert not OutgoingEvent.objects.exists()


def test_a_run_that_succeeds(add, finish):
    add()
    run = finish(action("one", text="secret value"), name="Tag customers")
    assert told() == ["run.started", "run.succeeded"]
    found = data("run.succeeded")
    assert found["run"]["id"] == str(run.pk)
    assert found["run"]["status"] == "succeeded"
    assert found["run"]["finished_at"]
    assert found["workflow"] == {"id": run.workflow_id, "name": "Tag customers", "version": 1}
    assert found["mode"] == "test"
    assert found["links"]["admin"].endswith(f"/run/{run.pk}/change/")
    assert found["links"]["api"].endswith(f"/runs/{run.pk}/")
    event = OutgoingEvent.objects.get(type="run.succeeded")
    shape = json.loads(event.body)
    assert shape["id"] == event.message_id
    assert shape["type"] == "run.succeeded"
    assert "secret value" not in event.body


def test_a_run_that_fails_tells_why_without_values(add, finish, recorder):
    add()
    recorder.then(PermanentError("No such customer: cus_secret", code="missing"))
    finish(action("one", text="a"))
    assert told() == ["run.started", "run.failed"]
    error = data("run.failed")["error"]
    assert error["code"] == "missing"
    assert error["step"]
    assert "cus_secret" not in json.dumps(data("run.failed"))


def test_an_unknown_outcome_and_its_end_by_a_person(add, finish, recorder):
    add()
    recorder.then(UnknownOutcome("Nobody knows."))
    run = finish(action("one", "test.ask", text="a"))
    assert told() == ["run.started", "run.outcome_unknown"]
    on_runs.cancel(run, NOBODY)
    assert told() == ["run.started", "run.outcome_unknown", "run.canceled"]


def test_a_run_that_is_undecided(add, finish, money):
    add()
    large = group(compare("trigger.amount", "greater_than", usd(15)))
    finish(branch("choose", way("large", large), otherwise=(money,)), obj=payment(100, "eur"))
    assert told() == ["run.started", "run.undecided"]


def test_a_retried_run_ends_again_and_does_not_start_again(add, finish, recorder):
    add()
    recorder.then(PermanentError("No."))
    run = finish(action("one", text="a"))
    on_runs.retry(run, NOBODY)
    execute(run.pk)
    assert told() == ["run.started", "run.failed", "run.succeeded"]


def test_a_wait_is_told_once_however_often_it_is_looked_at(add, finish):
    add()
    wait = {"key": "pause", "type": "wait", "inputs": {"amount": 2, "unit": "days"}}
    run = finish(wait, action("one", text="a"))
    assert told() == ["run.started", "run.waiting"]
    assert data("run.waiting")["waiting"]["until"]
    # A worker that is woken too early leaves it waiting again.
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now() - timedelta(seconds=1))
    execute(run.pk)
    assert told() == ["run.started", "run.waiting"]


def test_an_approval_is_told_beside_the_wait(add, finish):
    add()
    approver()
    finish(approval(), action("one", text="a"))
    assert sorted(told()) == ["run.approval_asked", "run.started", "run.waiting"]
    assert data("run.approval_asked")["approval"]["due_at"]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"events": ("run.failed",)}, []),
        ({"events": ("run.succeeded",)}, ["run.succeeded"]),
        ({"events": ("run.succeeded",), "livemode": True}, []),
        ({"events": ("run.succeeded",), "livemode": False}, ["run.succeeded"]),
    ],
)
def test_a_destination_hears_of_what_it_has_chosen(add, finish, options, expected):
    add(**options)
    finish(action("one", text="a"))
    assert told() == expected


def test_a_destination_hears_of_the_workflows_that_it_has_chosen(add, start):
    first, second = (start(action("one", text="a"), name=name) for name in ("First", "Second"))
    add(events=("run.succeeded",), all_workflows=False, workflows=(first.workflow_id,))
    execute(second.pk)
    assert told() == []
    execute(first.pk)
    assert told() == ["run.succeeded"]


def test_what_began_before_the_destination_is_not_told_as_begun(add, start):
    run = start(action("one", text="a"))
    Run.objects.filter(pk=run.pk).update(started_at=timezone.now() - timedelta(hours=1))
    add()
    execute(run.pk)
    assert told() == ["run.succeeded"]


def test_the_beginning_is_told_with_the_end_if_the_worker_died_in_between(add, start, monkeypatch):
    add()
    run = start(action("one", text="a"))
    monkeypatch.setattr(outbox, "run_started", lambda run_id: None)
    execute(run.pk)
    assert told() == ["run.started", "run.succeeded"]


def test_what_is_told_twice_is_written_once(add, finish):
    add()
    run = finish(action("one", text="a"))
    outbox.run_left(run.pk, run.state)
    outbox.run_started(run.pk)
    assert told() == ["run.started", "run.succeeded"]


def test_what_goes_wrong_with_an_event_does_not_keep_the_run_from_its_end(add, finish, monkeypatch, caplog):
    add()
    monkeypatch.setattr(outbox, "facts_of", lambda run, **more: 1 / 0)
    run = finish(action("one", text="a"))
    assert run.status == "succeeded"
    assert "workflows.destinations.not_written" in caplog.messages


def test_a_worker_that_has_lost_the_run_writes_no_event(add, start):
    add()
    claim = claim_run(start(action("one", text="a")).pk, now=timezone.now())
    claim.is_sent = True
    Run.objects.filter(pk=claim.run_id).update(token=uuid4())
    with pytest.raises(LostLease):
        leave(claim, RunStatus.FAILED, now=timezone.now(), error=None)
    assert not OutgoingEvent.objects.exists()


def test_a_run_that_is_given_up_is_told(add, start):
    add(events=("run.failed",))
    run = start(action("one", text="a"))
    long_ago = timezone.now() - timedelta(hours=1)
    Run.objects.filter(pk=run.pk).update(
        status="running", token=uuid4(), lease_expires_at=long_ago, idle_claims=99, claims=99
    )
    assert give_up_exhausted() == 1
    assert told() == ["run.failed"]
