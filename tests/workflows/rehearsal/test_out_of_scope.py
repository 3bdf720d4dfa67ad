"""A test and a back-test judge the mode and the account before the conditions, as matching does."""

import pytest
from django.core.management import call_command

from stripeflow.workflows.definition.scope import Refusal
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.backtest import Span, backtest
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.results import End
from stripeflow.workflows.rehearsal.shown import TrialPage
from stripeflow.workflows.rehearsal.trials import rehearse_event, rehearse_payload, rehearse_sample
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

LIVE = {"mode": "live", "accounts": "own"}


def script(scope=LIVE, **options):
    return script_of(lifecycle.create(document(action("one", text="a"), scope=scope, **options)))


def test_an_event_of_the_other_mode_would_not_start_it():
    trial = rehearse_event(script(), accept(payment(), livemode=False), payloads=True)
    assert (trial.found.starts, trial.found.end) == (False, End.NOT_STARTED)
    assert trial.found.refusal is Refusal.TEST_EVENT
    page = TrialPage(trial, payloads=True)
    assert page.trigger_state == "Would not start"
    assert page.refusal == "The event is a test event; this workflow takes live ones."
    assert page.marks.trigger.notes[0].text == page.refusal


def test_its_steps_are_shown_all_the_same_to_who_asks():
    event = accept(payment(), livemode=False)
    trial = rehearse_event(script(), event, anyway=True, payloads=True)
    assert (trial.found.starts, trial.found.end) == (False, End.DONE)


@pytest.mark.parametrize(
    ("given", "refusal"),
    [
        ({"livemode": True, "account": "acct_1"}, Refusal.CONNECTED_EVENT),
        ({"livemode": True, "user_id": "acct_1"}, Refusal.CONNECTED_EVENT),
        ({"livemode": False}, Refusal.TEST_EVENT),
        # What is left out is as the trigger wants it.
        ({}, None),
    ],
)
def test_a_payload_is_judged_by_what_it_says(given, refusal):
    payload = {"type": "payment_intent.succeeded", "data": {"object": payment()}, **given}
    assert rehearse_payload(script(), payload).found.refusal is refusal


@pytest.mark.parametrize("accounts", ["own", "connected", "all", ["acct_1"]], ids=str)
@pytest.mark.parametrize("mode", ["live", "test", "both"])
def test_a_made_up_event_is_always_in_the_scope(mode, accounts):
    assert rehearse_sample(script({"mode": mode, "accounts": accounts})).found.starts


def test_a_made_up_event_is_of_the_type_whose_object_is_given():
    several = script(event_type=["charge.refunded", "refund.created"])
    trial = rehearse_payload(several, {"object": "refund", "id": "re_1"})
    assert trial.given.payload["type"] == "refund.created"
    assert rehearse_sample(several).given.payload["type"] == "charge.refunded"


def test_a_back_test_looks_at_the_events_in_the_scope_and_counts_the_others(capsys):
    inside = accept(payment(), livemode=True)
    accept(payment(), livemode=False)
    accept(payment(), livemode=True, account="acct_1")
    asked = script()
    found = backtest(asked, Span.of_days(2))
    assert [match.event_id for match in found.matches] == [inside.external_id]
    assert (found.total, found.looked_at, found.out_of_scope) == (1, 1, 2)
    call_command("stripeflow_rehearse", asked.workflow.pk, days=2)
    assert "2 further events are of another mode or account." in capsys.readouterr().out
