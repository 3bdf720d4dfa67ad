"""An event of an outsider stops what is the outsider's own, and never the workflow of all others."""

from dataclasses import dataclass

import pytest
from django.core import mail

from stripeflow.actions.errors import AuthenticationFailed, Forbidden, NoKey
from stripeflow.triggers.account_mode import EVERY_ACCOUNT, AccountMode
from stripeflow.workflows.alerts import pauses
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

OWN = AccountMode(livemode=True, account="")
CONNECTED = AccountMode(livemode=True, account="acct_one")
TESTING = AccountMode(livemode=False, account="acct_one")
OWN_TESTING = AccountMode(livemode=False, account="")
OTHER = AccountMode(livemode=True, account="acct_other")
EVERYBODY = (OWN, CONNECTED, TESTING, OWN_TESTING, OTHER)

WRONG = AuthenticationFailed("Invalid API key.")
FORBIDDEN = Forbidden("The key may not act as this account.")
MISSING = NoKey("No Stripe API key is set.")
OF_OTHER_MODE = NoKey("It holds a key of the other mode.", code="wrong_mode_key")


@dataclass
class House:
    workflow: Workflow

    def run(self, whose):
        return Run.objects.get(event=accept(payment(id=f"pi_{Run.objects.count()}"), **whose._asdict()))

    def held_for(self):
        """For whom the workflow is held by now, as their next runs say."""
        return {whose for whose in EVERYBODY if self._is_held(self.run(whose))}

    def _is_held(self, run):
        execute(run.pk)
        run.refresh_from_db()
        return run.status == RunStatus.HELD

    def pauses(self):
        return {AccountMode.of(pause) for pause in self.workflow.account_pauses.all()}


@pytest.fixture
def house(recorder, settings, monkeypatch):
    def house(acts_as=None, **limits):
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "ALERT_RECIPIENTS": ["owner@example.com"], **limits}
        step = {**action("one", text="a"), **({"acts_as": acts_as} if acts_as else {})}
        workflow = lifecycle.create(document(step))
        lifecycle.activate(workflow)
        return House(workflow)

    monkeypatch.setattr(pausing.transaction, "on_commit", lambda function, **_options: function())
    monkeypatch.setattr(pauses, "enqueue_workflow_paused", pauses.workflow_paused)
    return house


def expected(error, whose, acts_as):
    """For whom the workflow is paused: for more than whose event it is only where our own key is wrong."""
    if error is WRONG and (acts_as == "platform" or not whose.account):
        return AccountMode(whose.livemode, EVERY_ACCOUNT)
    return whose


@pytest.mark.parametrize("acts_as", ["event", "platform"])
@pytest.mark.parametrize("whose", [OWN, CONNECTED, TESTING, OWN_TESTING], ids=lambda one: one.label)
@pytest.mark.parametrize("error", [WRONG, FORBIDDEN, MISSING, OF_OTHER_MODE], ids=lambda error: error.code)
def test_a_refused_key_holds_no_more_than_it_concerns(house, recorder, error, whose, acts_as):
    house = house(acts_as)
    recorder.then(error)
    run = house.run(whose)
    assert execute(run.pk) is RunStatus.HELD
    paused = expected(error, whose, acts_as)
    assert house.pauses() == {paused}
    house.workflow.refresh_from_db()
    assert (house.workflow.paused_at, house.workflow.status) == (None, "active")
    concerned = {one for one in EVERYBODY if paused in (one, one._replace(account=EVERY_ACCOUNT))}
    assert house.held_for() == concerned


@pytest.mark.parametrize("whose", [CONNECTED, OWN], ids=lambda one: one.label)
def test_a_flood_holds_whose_it_is(house, whose):
    house = house(MAX_RUNS_PER_MINUTE=3)
    for _ in range(5):
        house.run(whose)
    assert house.pauses() == {whose}
    assert house.held_for() == {whose}


def test_events_of_a_mode_without_a_key_are_not_mailed_for_connected_accounts(house, recorder):
    house = house()
    for number in range(3):
        recorder.then(MISSING)
        execute(house.run(TESTING._replace(account=f"acct_{number}")).pk)
        pausing.resume(house.workflow.pk)
    assert mail.outbox == []


def test_a_missing_key_of_our_own_account_is_mailed_once(house, recorder):
    house = house()
    for _ in range(3):
        recorder.then(MISSING)
        execute(house.run(OWN_TESTING).pk)
    assert len(mail.outbox) == 1


def test_what_was_held_goes_on_once_somebody_resumes_it(house, recorder):
    house = house()
    recorder.then(MISSING)
    run = house.run(TESTING)
    execute(run.pk)
    assert pausing.resume(house.workflow.pk) == 1
    assert execute(run.pk) is RunStatus.SUCCEEDED
