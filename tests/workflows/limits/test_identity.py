"""No guard knows a thing by its id alone: two accounts, or two modes, may each have one with the same id."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from stripeflow.actions.errors import AuthenticationFailed, Forbidden, PermanentError, Throttled
from stripeflow.actions.rate_limit import take_place
from stripeflow.triggers.account_mode import EVERY_ACCOUNT, AccountMode
from stripeflow.triggers.models import Event
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.run_ids import run_id_for
from stripeflow.workflows.limits import deauthorized, loops, spending
from stripeflow.workflows.models import Run, StepRun, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.stored import StoredSamples
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

ONE = AccountMode(livemode=True, account="acct_one")
OTHERS = {
    "another account": AccountMode(livemode=True, account="acct_other"),
    "the other mode": AccountMode(livemode=False, account="acct_one"),
    "our own account": AccountMode(livemode=True, account=""),
}
SAME_ID = "ca_same"


@dataclass
class House:
    """An installation with one workflow, and all that a guard may know things by."""

    workflow: Workflow
    recorder: Any

    def event(self, whose: AccountMode, **envelope: Any) -> Event:
        return accept(payment(id=SAME_ID), **whose._asdict(), **envelope)

    def run(self, whose: AccountMode, **envelope: Any) -> Run:
        return Run.objects.get(event=self.event(whose, **envelope))


@pytest.fixture
def house(recorder, settings):
    limits = {
        "MAX_RUNS_PER_OBJECT_HOUR": 2,
        "MAX_RUNS_PER_MINUTE": 1_000,
        "STRIPE_CALLS_PER_SECOND_LIVE": 2,
        "STRIPE_CALLS_PER_SECOND_TEST": 2,
        "STRIPE_CALLS_PER_SECOND_ENDPOINT": 2,
    }
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, **limits}
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    Workflow.objects.filter(pk=workflow.pk).update(refund_caps={"usd": 500})
    workflow.refresh_from_db()
    return House(workflow, recorder)


def too_many_for_an_object(house: House, whose: AccountMode) -> bool:
    return house.run(whose).status == RunStatus.HELD


def too_many_in_a_minute(house: House, whose: AccountMode) -> bool:
    object_id = f"pi_{uuid4().hex}"
    run = Run.objects.get(event=accept(payment(id=object_id), **whose._asdict()))
    return run.status == RunStatus.HELD


def refund_cap(house: House, whose: AccountMode) -> bool:
    try:
        spending.reserve(spending.Spender(house.workflow, whose), str(uuid4()), amount=250, currency="usd")
    except PermanentError:
        return True
    return False


def calls_a_second(house: House, whose: AccountMode) -> bool:
    url = f"https://api.example.com/v1/coupons/{SAME_ID}"
    try:
        take_place(
            "get", url, live=whose.livemode, account=whose.account, now=lambda: 5.0, sleep=lambda _s: None
        )
    except Throttled:
        return True
    return False


def forbidden(house: House, whose: AccountMode) -> bool:
    return execute(house.run(whose).pk) is RunStatus.HELD


def disconnected(house: House, whose: AccountMode) -> bool:
    return execute(house.run(whose).pk) is RunStatus.HELD


def own_call(house: House, whose: AccountMode) -> bool:
    key = StepRun.objects.get().idempotency_key
    return loops.cause_of(house.event(whose, request={"id": "req", "idempotency_key": key})) is not None


def stored_sample(house: House, whose: AccountMode) -> bool:
    event = accept(payment(id="pi_of_the_trigger"), **whose._asdict())
    accounts = frozenset((whose.account,))
    return StoredSamples(event)._looked_up("payment_intent", SAME_ID, accounts) is not None


def run_id(house: House, whose: AccountMode) -> bool:
    event = Event(source="stripe", external_id="evt_same", **whose._asdict())
    return Run.objects.filter(pk=run_id_for(house.workflow.run_seed, event)).exists()


def fill_twice(guard: Callable[[House, AccountMode], bool]) -> Callable[[House], None]:
    def fill(house: House) -> None:
        for _ in range(2):
            assert not guard(house, ONE)

    return fill


def fill_minute(house: House) -> None:
    house.run(ONE)
    house.run(ONE)


def refuse(house: House) -> None:
    house.recorder.then(Forbidden("This key may not act as the account."))
    execute(house.run(ONE).pk)


def disconnect(house: House) -> None:
    accept({"id": "ca_ours", "object": "application"}, type=deauthorized.DEAUTHORIZED, **ONE._asdict())


def call(house: House) -> None:
    execute(house.run(ONE).pk)


def match(house: House) -> None:
    house.event(ONE, id="evt_same")


GUARDS = {
    "runs of an object in an hour": (fill_twice(too_many_for_an_object), too_many_for_an_object),
    "runs in a minute": (fill_minute, too_many_in_a_minute),
    "refunds of a day": (fill_twice(refund_cap), refund_cap),
    "calls a second": (fill_twice(calls_a_second), calls_a_second),
    "a refused key": (refuse, forbidden),
    "a disconnected account": (disconnect, disconnected),
    "a loop of its own calls": (call, own_call),
    "an object that an event showed": (match, stored_sample),
    "a run that was there before": (match, run_id),
}


@pytest.mark.parametrize("name", GUARDS)
def test_a_guard_strikes_for_whose_it_is(house, settings, name):
    fill, strikes = GUARDS[name]
    if name == "runs in a minute":
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_RUNS_PER_MINUTE": 2}
    fill(house)
    assert strikes(house, ONE)


@pytest.mark.parametrize(
    ("name", "other"),
    [(name, other) for name in GUARDS for other in OTHERS],
)
def test_a_guard_leaves_the_same_id_of_others_alone(house, settings, name, other):
    fill, strikes = GUARDS[name]
    if name == "runs in a minute":
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_RUNS_PER_MINUTE": 2}
    fill(house)
    assert not strikes(house, OTHERS[other])


def test_our_own_key_that_is_wrong_is_so_for_every_account_of_its_mode(house):
    house.recorder.then(AuthenticationFailed("Invalid API key."))
    execute(house.run(OTHERS["our own account"]).pk)
    (paused,) = house.workflow.account_pauses.all()
    assert AccountMode.of(paused) == AccountMode(livemode=True, account=EVERY_ACCOUNT)
    assert forbidden(house, OTHERS["another account"])
    assert not forbidden(house, OTHERS["the other mode"])


def test_what_is_given_back_goes_to_whose_it_was(house):
    for whose in (ONE, OTHERS["another account"]):
        spender = spending.Spender(house.workflow, whose)
        spending.reserve(spender, f"key of {whose.account}", amount=500, currency="usd")
    spending.give_back(f"key of {ONE.account}")
    assert not refund_cap(house, ONE)
    assert refund_cap(house, OTHERS["another account"])


def test_all_accounts_of_a_mode_share_the_cap_of_the_installation(house, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "REFUND_CAPS_PER_DAY": {"usd": 400}}
    assert not refund_cap(house, ONE)
    assert refund_cap(house, OTHERS["another account"])
    assert not refund_cap(house, OTHERS["the other mode"])


def test_twelve_accounts_that_disconnect_one_application_are_twelve(house, settings):
    """The object of these events is the platform's own application, the same for all."""
    workflow = lifecycle.create(
        document(action("one", text="a"), event_type=deauthorized.DEAUTHORIZED, name="Goodbye")
    )
    lifecycle.activate(workflow)
    application = {"id": "ca_ours", "object": "application", "name": "Ours"}
    for number in range(12):
        accept(application, type=deauthorized.DEAUTHORIZED, account=f"acct_{number}")
    for run in workflow.runs.all():
        execute(run.pk)
    assert list(workflow.runs.values_list("status", flat=True)) == [RunStatus.SUCCEEDED] * 12
