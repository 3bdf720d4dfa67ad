from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.triggers import event_listing, mirror_slots
from stripeflow.triggers import reconcile as reconciliation
from stripeflow.triggers.event_listing import Listing, ListingError
from stripeflow.triggers.models import Event
from stripeflow.triggers.queue.memory import Message
from stripeflow.triggers.reconcile import Counts, Reconciled
from stripeflow.workflows import tasks
from stripeflow.workflows.matching import why
from stripeflow.workflows.models import Activation, Beat, Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.queue import RECONCILE
from stripeflow.workflows.worker import reconciling
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

OURS = Listing(livemode=False)
ROW = "reconciled@test"


@pytest.fixture(autouse=True)
def _configured(settings):
    reconciling.forget()
    settings.STRIPE_TEST_SECRET_KEY = "sk_test_" + "d" * 24
    settings.STRIPE_LIVE_SECRET_KEY = ""


@pytest.fixture
def done(monkeypatch):
    """Reconciliations in place of calls to Stripe: what each was asked for, and what it answers."""

    class Done:
        asked = []
        answers = []

        def __call__(self, listing, *, since, budget_seconds):
            self.asked.append((listing, since))
            answer = self.answers.pop(0) if self.answers else Reconciled(Counts(), timezone.now(), True)
            if isinstance(answer, Exception):
                raise answer
            return answer

    done = Done()
    done.asked, done.answers = [], []
    monkeypatch.setattr(reconciling, "reconcile", done)
    return done


def ago(**span):
    return timezone.now() - timedelta(**span)


def test_one_message_for_each_turn(queue):
    turns = []
    for _host in range(3):
        reconciling.forget()
        turns.append(reconciling.start_if_due())
    assert turns == [1, 0, 0]
    assert queue.messages == [Message(RECONCILE)]


def test_the_next_turn_comes_when_its_time_has_come(queue):
    reconciling.start_if_due()
    Beat.objects.filter(name="reconcile").update(at=ago(seconds=901))
    reconciling.forget()
    assert reconciling.start_if_due() == 1


def test_the_sweep_does_not_ask_the_database_each_second(queue, django_assert_num_queries):
    reconciling.start_if_due()
    with django_assert_num_queries(0):
        reconciling.start_if_due()


@pytest.mark.parametrize("change", ["off", "no key"])
def test_without_a_key_or_switched_off_there_is_no_turn(queue, settings, change):
    if change == "off":
        settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RECONCILE_EVERY_SECONDS": 0}
    else:
        settings.STRIPE_TEST_SECRET_KEY = ""
    assert reconciling.start_if_due() == 0
    assert queue.messages == []


def test_looks_back_for_the_window(queue, done):
    tasks.reconcile()
    ((listing, since),) = done.asked
    assert listing == OURS
    assert since == pytest.approx(ago(hours=2), abs=timedelta(seconds=10))
    assert queue.messages == []


def test_after_an_outage_it_begins_where_it_ended(queue, done):
    Beat.objects.write(ROW, now=ago(days=3))
    tasks.reconcile()
    assert done.asked[0][1] == pytest.approx(ago(days=3), abs=timedelta(seconds=10))
    assert Beat.objects.get(name=ROW).at > ago(minutes=1)


def test_the_first_time_it_begins_at_the_last_event(queue, done):
    accept(payment())
    Event.objects.update(received_at=ago(days=5))
    tasks.reconcile()
    assert done.asked[0][1] == pytest.approx(ago(days=5), abs=timedelta(seconds=10))


def test_what_takes_too_long_goes_on_in_a_further_message(queue, done):
    upto = ago(days=1).replace(microsecond=0)
    done.answers = [Reconciled(Counts(), upto, finished=False)]
    tasks.reconcile()
    assert queue.messages == [Message(RECONCILE, ("test", int(upto.timestamp())))]
    assert Beat.objects.get(name=ROW).at == upto
    queue.run()
    assert done.asked[1] == (OURS, upto)
    assert queue.messages == []


def test_a_listing_that_fails_keeps_its_place_and_does_not_stop_the_others(queue, done, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "RECONCILE_ACCOUNTS": ["acct_1"]}
    Beat.objects.write(ROW, now=ago(days=2))
    done.answers = [ListingError("No.")]
    tasks.reconcile()
    assert [listing.account for listing, _since in done.asked] == ["", "acct_1"]
    assert Beat.objects.get(name=ROW).at < ago(days=1)
    assert Beat.objects.filter(name="reconciled@test:acct_1").exists()


def test_while_the_mirror_waits_for_stripe_the_turn_comes_again(queue, done):
    reconciling.start_if_due()
    place = mirror_slots.take(timezone.now())
    tasks.reconcile()
    assert done.asked == []
    assert not place.renew(timezone.now())
    place.release()
    reconciling.forget()
    assert reconciling.start_if_due() == 1
    tasks.reconcile()
    assert len(done.asked) == 1
    assert mirror_slots.take(timezone.now()) is not None


def test_starts_only_what_was_active_when_the_event_was_made(recorder, queue, monkeypatch):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    Activation.objects.update(started_at=ago(hours=5))
    envelope = {"object": "event", "type": "payment_intent.succeeded", "livemode": False}
    envelope["data"] = {"object": payment()}
    made = [
        {**envelope, "id": "evt_before", "created": int(ago(hours=6).timestamp())},
        {**envelope, "id": "evt_after", "created": int(ago(hours=4).timestamp())},
    ]
    monkeypatch.setattr(event_listing.EventList, "between", lambda *_args, **_options: made)
    result = reconciliation.reconcile(OURS, since=ago(minutes=1))
    assert vars(result.counts) == {"seen": 2, "new": 2, "matched": 2, "started": 1, "refused": 0}
    assert Run.objects.get().event.external_id == "evt_after"
    before = Event.objects.get(external_id="evt_before")
    assert [verdict.reason for verdict in why.explain(before)] == ["before_activation"]
