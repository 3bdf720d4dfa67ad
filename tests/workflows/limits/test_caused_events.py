"""Events that workflows cause start what moves money only where its author has chosen so."""

import pytest

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.matching import why
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import lifecycle, replay
from stripeflow.workflows.operations.replay_outcomes import Outcome
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import script_of
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]


def active(step, chosen="", name="Other"):
    made = document(step, name=name)
    if chosen:
        made["trigger"]["caused_events"] = chosen
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    return workflow


@pytest.fixture
def caused(recorder):
    """A function that accepts an event which a harmless workflow has caused."""

    def caused():
        active(action("one", text="a"), name="Tags")
        run = Run.objects.get(event=accept(payment()), workflow__name="Tags")
        execute(run.pk)
        key = StepRun.objects.get(run=run).idempotency_key
        return accept(payment(), request={"id": "req_1", "idempotency_key": key})

    return caused


@pytest.mark.parametrize(
    ("chosen", "starts"), [("", False), ("ignore", False), ("start", True)], ids=["default", "no", "yes"]
)
def test_it_starts_what_moves_money_only_if_that_is_chosen(money, caused, chosen, starts):
    workflow = active(money, chosen)
    event = caused()
    assert Run.objects.filter(event=event, workflow=workflow).exists() is starts


@pytest.mark.parametrize(
    ("chosen", "starts"), [("", True), ("ignore", False), ("start", True)], ids=["default", "no", "yes"]
)
def test_what_is_harmless_starts_unless_that_is_ruled_out(recorder, caused, chosen, starts):
    workflow = active(action("two", text="b"), chosen)
    event = caused()
    assert Run.objects.filter(event=event, workflow=workflow).exists() is starts


def test_what_no_workflow_caused_starts_it(money):
    workflow = active(money)
    assert Run.objects.filter(event=accept(payment()), workflow=workflow).exists()


def test_the_reason_is_reported(money, caused):
    workflow = active(money)
    found = {verdict.workflow.pk: verdict for verdict in why.explain(caused())}
    verdict = found[workflow.pk]
    assert (verdict.reason, verdict.mark) == ("caused_by_workflow", "Caused by a workflow")
    assert "its trigger has the choice" in verdict.sentence


def test_a_replay_takes_it_no_more_than_matching(money, caused):
    workflow = active(money)
    event = caused()
    (judged,) = replay.preview([event], workflow.active_version)
    assert judged.outcome is Outcome.CAUSED_BY_WORKFLOW
    assert replay.execute([event], workflow.active_version).started == ()


def test_a_back_test_counts_it_apart(money, caused):
    workflow = active(money)
    caused()
    found = backtest(script_of(workflow), Span.of_days(1))
    assert (len(found.matches), found.own_calls) == (1, 1)
