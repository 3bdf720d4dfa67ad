"""What waits for an account that has disconnected the application is held, until it is back."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions.errors import AuthenticationFailed, Forbidden, UnknownOutcome
from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, people
from stripeflow.workflows.limits.deauthorized import AUTHORIZED, DEAUTHORIZED
from stripeflow.workflows.models import Deauthorization, Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle, on_runs, verbs
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker.due import look_around
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]

ACCOUNT = "acct_1"
HELD = (RunStatus.HELD, HeldReason.DEAUTHORIZED)


@pytest.fixture
def workflow(recorder):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    return workflow


def told(kind, *, account=ACCOUNT, created=None, **envelope):
    """The account says that it has disconnected the application, or connected it."""
    application = {"id": "ca_ours", "object": "application"}
    return accept(application, type=kind, account=account, created=created, **envelope)


def paid(account=ACCOUNT, **envelope):
    """The run of a payment of the account."""
    return Run.objects.get(event=accept(payment(), account=account, **envelope))


def state(run):
    run.refresh_from_db()
    return run.status, run.held_reason


def test_what_waits_is_held_and_what_is_of_others_goes_on(workflow):
    queued, waiting = paid(), paid()
    Run.objects.filter(pk=waiting.pk).update(
        status=RunStatus.WAITING, due_at=timezone.now() + timedelta(hours=9)
    )
    others = [paid("acct_2"), paid(""), paid(livemode=True)]
    told(DEAUTHORIZED)
    look_around()
    assert [state(queued), state(waiting)] == [HELD, HELD]
    assert waiting.error["message"] == HeldReason.DEAUTHORIZED.label
    assert [execute(run.pk) for run in others] == [RunStatus.SUCCEEDED] * 3


def test_what_comes_later_is_held_before_its_first_step(workflow, recorder):
    told(DEAUTHORIZED)
    look_around()
    run = paid()
    assert execute(run.pk) is RunStatus.HELD
    assert state(run) == HELD
    assert recorder.calls == []


def test_all_go_on_once_the_account_is_connected_again(workflow):
    run = paid()
    told(DEAUTHORIZED)
    look_around()
    later = paid()
    execute(later.pk)
    told(AUTHORIZED)
    look_around()
    assert [state(run), state(later)] == [(RunStatus.QUEUED, "")] * 2
    assert execute(run.pk) is RunStatus.SUCCEEDED


@pytest.mark.parametrize(("first", "is_held"), [(AUTHORIZED, False), (DEAUTHORIZED, True)])
def test_the_newest_word_counts_however_late_the_older_one_comes(workflow, first, is_held):
    second = DEAUTHORIZED if first == AUTHORIZED else AUTHORIZED
    now = timezone.now().timestamp()
    told(first, created=now)
    told(second, created=now - 60)
    look_around()
    assert (execute(paid().pk) is RunStatus.HELD) == is_held


def test_a_person_may_release_one_and_it_is_not_held_again(workflow):
    run = paid()
    told(DEAUTHORIZED)
    look_around()
    verbs.perform(run, verbs.Verb.RELEASE, Act())
    look_around()
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_released_one_is_held_when_the_account_goes_once_more(workflow):
    run = paid()
    told(DEAUTHORIZED)
    look_around()
    on_runs.release(on_runs.get(run.pk), Act())
    told(AUTHORIZED)
    look_around()
    told(DEAUTHORIZED)
    look_around()
    assert state(run) == HELD


def test_a_person_may_say_that_the_account_is_connected(workflow):
    run = paid()
    told(DEAUTHORIZED)
    look_around()
    row = Deauthorization.objects.get()
    assert people.reconnect(row, Act()).released == 1
    with pytest.raises(NotPossible):
        people.reconnect(row, Act())
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_a_canceled_run_stays_canceled(workflow):
    run = paid()
    told(DEAUTHORIZED)
    look_around()
    on_runs.cancel(on_runs.get(run.pk), Act())
    told(AUTHORIZED)
    look_around()
    assert state(run)[0] == RunStatus.CANCELED


def test_a_refusal_of_that_account_is_over_once_it_is_back(workflow, recorder):
    """Calls were refused before the event came that says why."""
    recorder.then(Forbidden("Application access may have been revoked."))
    run = paid()
    assert execute(run.pk) is RunStatus.HELD
    assert state(run)[1] == HeldReason.ACCOUNT_PAUSED
    told(DEAUTHORIZED)
    told(AUTHORIZED)
    look_around()
    assert execute(run.pk) is RunStatus.SUCCEEDED


@pytest.fixture
def goodbye(recorder):
    """A workflow that starts when an account disconnects."""
    workflow = lifecycle.create(document(action("one", text="a"), event_type=DEAUTHORIZED, name="Goodbye"))
    lifecycle.activate(workflow)
    return workflow


def test_a_workflow_that_such_an_event_starts_is_not_held(goodbye):
    run = goodbye.runs.get(event=told(DEAUTHORIZED))
    look_around()
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_its_step_that_acts_as_the_account_fails_and_pauses_nothing(goodbye, recorder):
    run = goodbye.runs.get(event=told(DEAUTHORIZED))
    recorder.then(Forbidden("The key may not act as the account."))
    assert execute(run.pk) is RunStatus.FAILED
    run.refresh_from_db()
    assert run.error["code"] == "account_disconnected"
    assert not goodbye.account_pauses.exists()


def test_its_step_that_may_have_acted_before_the_account_went_asks_a_person(goodbye, recorder):
    run = goodbye.runs.get(event=told(DEAUTHORIZED))
    recorder.then(UnknownOutcome("Timeout."), Forbidden("The key may not act as the account."))
    assert execute(run.pk) is RunStatus.WAITING
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    run.refresh_from_db()
    assert run.error["code"] == "account_disconnected"


def test_what_the_platform_may_not_do_is_held_for_the_account_whose_event_it_is(recorder):
    step = {**action("one", text="a"), "acts_as": "platform"}
    workflow = lifecycle.create(document(step, event_type=DEAUTHORIZED, name="Goodbye"))
    lifecycle.activate(workflow)
    recorder.then(Forbidden("This key may not do this."))
    run = workflow.runs.get(event=told(DEAUTHORIZED))
    assert execute(run.pk) is RunStatus.HELD
    assert workflow.account_pauses.get().account == run.account != ""


def test_its_step_whose_key_is_wrong_is_held_like_any_other(goodbye, recorder):
    run = goodbye.runs.get(event=told(DEAUTHORIZED))
    recorder.then(AuthenticationFailed("Invalid API key."))
    assert execute(run.pk) is RunStatus.HELD
    pausing.resume(goodbye.pk)
    assert execute(run.pk) is RunStatus.SUCCEEDED


def test_an_event_of_our_own_account_says_nothing_of_one(workflow):
    told(DEAUTHORIZED, account="")
    assert not Deauthorization.objects.exists()
