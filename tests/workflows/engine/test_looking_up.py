"""A call whose answer was lost, and whose key can tell nothing more, is looked up before anything is sent."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors, registry
from stripeflow.actions.base import Repeat
from stripeflow.actions.look_up import Found, NotFound, Unclear
from stripeflow.triggers.models import Event
from stripeflow.workflows import conf
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.looking_up import MAX_RESTARTS
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.models.step_run import LookUp
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.workflows.documents import action
from tests.workflows.events import rewrite
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

LOST = errors.UnknownOutcome("Timeout.")
REPLAYED = errors.ReplayedError("Stripe says the same again.")
MISMATCH = errors.KeyMismatch("Other parameters.", code="our_own_word")


class Died(BaseException):
    """The worker's process ends here."""


class Looks(list):
    def __init__(self):
        super().__init__()
        self.calls = []
        self.times = []

    def answer(self, inputs, context):
        self.calls.append((dict(inputs), context.idempotency_key))
        self.times.append(context.called_at)
        said = self.pop(0)
        if isinstance(said, BaseException):
            raise said
        return said


@pytest.fixture
def looks(recorder):
    """What the look-ups of `test.looked` say, one after the other; `calls` are those for them."""
    looks = Looks()
    kind = recording_action(recorder, key="test.looked")
    kind.look_up = lambda _self, inputs, context: looks.answer(inputs, context)
    with registry.temporarily(kind):
        yield looks


def groups(run):
    return list(StepRun.objects.filter(run=run, path="one").order_by("group"))


def due_now(run):
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())


def work(run):
    """Execute the run, again and again, as long as it only waits; returns how it was left."""
    for _round in range(30):
        due_now(run)
        status = execute(run.pk)
        if status is not RunStatus.WAITING:
            return status
    raise AssertionError("It waits for ever.")


def begin(start, recorder, *plans, last=True):
    steps = [action("one", "test.looked", text="{{ trigger.amount }}")]
    run = start(*steps, *([] if last else [action("two", text="b {{ steps.one.text }}")]))
    recorder.then(*plans)
    return run


def die(*_):
    raise Died


def age(run):
    """Let the step's key be so old that Stripe may have forgotten it."""
    StepRun.objects.filter(run=run).update(started_at=timezone.now() - timedelta(hours=24))


def test_what_was_found_is_recorded_and_not_sent_again(start, recorder, looks):
    run = begin(start, recorder, LOST, REPLAYED, last=False)
    looks.append(Found({"text": "made"}))
    assert work(run) is RunStatus.SUCCEEDED
    (step,) = groups(run)
    assert (step.status, step.outputs, step.error) == (StepStatus.SUCCEEDED, {"text": "made"}, None)
    assert (step.look_up, step.attempts) == (LookUp.FOUND, 2)
    assert recorder.texts == ["200000", "200000", "b made"]


def test_a_look_up_is_told_when_the_lost_call_was_first_made(start, recorder, looks):
    run = begin(start, recorder, LOST, LOST, REPLAYED)
    due_now(run)
    execute(run.pk)
    before = timezone.now() - timedelta(hours=1)
    StepRun.objects.filter(run=run).update(started_at=before)
    looks.append(Found())
    assert work(run) is RunStatus.SUCCEEDED
    assert looks.times == [pytest.approx(before.timestamp())]


def test_a_step_that_was_found_ends_the_run_if_it_is_the_last(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    looks.append(Found())
    assert work(run) is RunStatus.SUCCEEDED
    run.refresh_from_db()
    assert (run.status, run.error) == (RunStatus.SUCCEEDED, None)


def test_what_was_not_found_is_sent_again_with_the_next_key(start, recorder, looks):
    run = begin(start, recorder, LOST, REPLAYED)
    looks.append(NotFound())
    assert work(run) is RunStatus.SUCCEEDED
    first, second = groups(run)
    assert (first.status, first.look_up, first.error["code"]) == (
        StepStatus.FAILED,
        LookUp.NOT_FOUND,
        "replayed_error",
    )
    assert first.superseded_at is not None
    assert (second.status, second.look_up, second.attempts) == (StepStatus.SUCCEEDED, "", 1)
    assert recorder.keys == [f"stripeflow:{run.pk}:one:{group}" for group in (1, 1, 2)]


def test_the_next_key_comes_with_the_recorded_inputs(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    assert execute(run.pk) is RunStatus.WAITING
    rewrite(run.event, amount=1)
    looks.append(NotFound())
    assert work(run) is RunStatus.SUCCEEDED
    assert recorder.texts == ["200000", "200000"]
    assert looks.calls == [({"text": "200000"}, f"stripeflow:{run.pk}:one:1")]


def test_a_worker_that_dies_between_the_two_keys_leaves_the_recorded_inputs(
    start, recorder, looks, monkeypatch
):
    run = begin(start, recorder, REPLAYED)
    assert execute(run.pk) is RunStatus.WAITING
    looks.append(NotFound())
    due_now(run)
    with monkeypatch.context() as patch:
        patch.setattr("stripeflow.workflows.engine.attempt._next_group", die)
        with pytest.raises(Died):
            execute(run.pk)
    rewrite(run.event, amount=1)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["200000", "200000"]
    assert [step.group for step in groups(run)] == [1, 2]


def test_a_step_is_begun_again_a_few_times_only(start, recorder, looks):
    run = begin(start, recorder, *[REPLAYED] * (MAX_RESTARTS + 1))
    looks += [NotFound()] * (MAX_RESTARTS + 1)
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    steps = groups(run)
    assert [step.look_up for step in steps] == ["not_found"] * MAX_RESTARTS + ["unclear"]
    assert steps[-1].status == StepStatus.OUTCOME_UNKNOWN
    assert "started again 3 times" in steps[-1].error["message"]


def test_what_nobody_can_tell_is_for_a_person_with_the_reason(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    looks.append(Unclear("The customer was deleted."))
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    (step,) = groups(run)
    assert step.look_up == LookUp.UNCLEAR
    assert step.error["message"] == "Stripe says the same again. The customer was deleted."
    run.refresh_from_db()
    assert (run.error["code"], run.error["step"]) == ("replayed_error", "one")


def test_an_action_without_a_look_up_asks_a_person(start, recorder):
    run = start(action("one", text="a"))
    recorder.then(LOST, REPLAYED)
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    assert len(recorder.calls) == 2


@pytest.mark.parametrize(
    ("said", "status", "calls"),
    [
        (Found(), RunStatus.SUCCEEDED, 1),
        (NotFound(), RunStatus.SUCCEEDED, 2),
        (Unclear(), RunStatus.OUTCOME_UNKNOWN, 1),
    ],
)
def test_a_key_that_stripe_may_have_forgotten_is_looked_up(start, recorder, looks, said, status, calls):
    run = begin(start, recorder, LOST)
    assert execute(run.pk) is RunStatus.WAITING
    age(run)
    looks.append(said)
    assert work(run) is status
    assert len(recorder.calls) == calls


def test_an_old_key_is_reported_as_the_reason(start, recorder, looks):
    run = begin(start, recorder, LOST)
    assert execute(run.pk) is RunStatus.WAITING
    age(run)
    looks.append(NotFound())
    work(run)
    assert groups(run)[0].error["code"] == "key_expired"


def test_a_key_that_is_old_is_not_looked_up_if_nothing_was_sent(start, recorder, looks):
    run = begin(start, recorder, errors.TransientError("Busy."))
    assert execute(run.pk) is RunStatus.WAITING
    age(run)
    assert work(run) is RunStatus.SUCCEEDED
    assert looks.calls == []


@pytest.mark.parametrize(
    ("said", "status"),
    [
        (Found({"text": "made"}), RunStatus.SUCCEEDED),
        (NotFound(), RunStatus.OUTCOME_UNKNOWN),
        (Unclear(), RunStatus.OUTCOME_UNKNOWN),
    ],
)
def test_a_key_that_was_used_otherwise_is_never_replaced_by_itself(start, recorder, looks, said, status):
    run = begin(start, recorder, MISMATCH)
    looks.append(said)
    assert work(run) is status
    assert len(recorder.calls) == 1
    assert len(groups(run)) == 1


def test_a_key_that_was_used_otherwise_stays_so_when_it_is_old(start, recorder, looks):
    run = begin(start, recorder, MISMATCH)
    assert execute(run.pk) is RunStatus.WAITING
    age(run)
    looks.append(NotFound())
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    assert len(recorder.calls) == 1


def test_a_look_up_without_an_answer_is_made_again_later_and_counts_for_nothing(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    looks += [errors.TransientError("Busy.", retry_after=30.0), errors.Throttled("Wait.", retry_after=1.0)]
    looks.append(Found())
    assert execute(run.pk) is RunStatus.WAITING
    due_now(run)
    assert execute(run.pk) is RunStatus.WAITING
    run.refresh_from_db()
    assert timedelta(seconds=25) < run.due_at - timezone.now() <= timedelta(seconds=30)
    (step,) = groups(run)
    assert (step.attempts, step.look_ups, step.error["code"]) == (1, 1, "replayed_error")
    assert work(run) is RunStatus.SUCCEEDED
    (step,) = groups(run)
    assert (step.attempts, step.look_ups) == (1, 1)


def test_a_look_up_is_given_up_after_as_many_tries_as_a_call(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    tries = conf.get("MAX_ATTEMPTS")
    looks += [errors.TransientError("Busy.")] * tries
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    assert len(looks.calls) == tries
    assert groups(run)[0].error["message"] == "Stripe says the same again. Busy."


@pytest.mark.parametrize(
    "said", [errors.PermanentError("No such charge."), ZeroDivisionError(), None, Found({"text": object()})]
)
def test_a_look_up_that_fails_for_good_tells_nothing(start, recorder, looks, said):
    run = begin(start, recorder, REPLAYED)
    looks.append(said)
    assert work(run) is RunStatus.OUTCOME_UNKNOWN


def test_a_refused_key_holds_the_run_and_the_look_up_goes_on_with_it(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    looks += [errors.AuthenticationFailed("Refused."), Found()]
    assert work(run) is RunStatus.HELD
    run.refresh_from_db()
    assert run.held_reason == HeldReason.ACCOUNT_PAUSED
    pausing.resume(run.workflow_id)
    assert work(run) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


def test_nothing_is_looked_up_while_all_is_stopped(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    assert execute(run.pk) is RunStatus.WAITING
    switch.stop()
    try:
        assert work(run) is RunStatus.HELD
    finally:
        switch.start()
    assert looks.calls == []


def test_a_worker_that_dies_in_the_look_up_leaves_it_to_the_next_one_three_times(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    assert execute(run.pk) is RunStatus.WAITING
    for _round in range(3):
        looks.append(Died())
        due_now(run)
        with pytest.raises(Died):
            execute(run.pk)
        Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))
    assert execute(run.pk) is RunStatus.OUTCOME_UNKNOWN
    assert len(recorder.calls) == 1


def test_doing_it_again_after_a_look_up_in_vain_takes_the_next_key(start, recorder, looks):
    run = begin(start, recorder, REPLAYED)
    looks.append(Unclear())
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    run.refresh_from_db()
    on_runs.do_again(run, Act(), revision=run.revision)
    assert work(run) is RunStatus.SUCCEEDED
    assert [key[-1] for key in recorder.keys] == ["1", "2"]


@pytest.fixture
def of_yesterday(start, recorder, looks):
    """A run for an event of the day before, which its workflow was active for."""

    def make():
        run = start(action("one", "test.looked", text="a"))
        Event.objects.update(created=timezone.now() - timedelta(hours=24))
        return run

    return make


def test_a_run_for_an_old_event_looks_first_and_sends_nothing_that_is_there(of_yesterday, recorder, looks):
    run = of_yesterday()
    looks.append(Found({"text": "made"}))
    assert execute(run.pk) is RunStatus.SUCCEEDED
    (step,) = groups(run)
    assert (step.look_up, step.outputs, step.idempotency_key[-2:]) == (LookUp.FOUND, {"text": "made"}, ":1")
    assert recorder.calls == []


@pytest.mark.parametrize("said", [NotFound(), Unclear(), errors.PermanentError("No.")])
def test_a_run_for_an_old_event_sends_what_is_not_surely_there(of_yesterday, recorder, looks, said):
    run = of_yesterday()
    looks.append(said)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.keys == [f"stripeflow:{run.pk}:one:1"]
    assert [step.look_up for step in groups(run)] == [""]


def test_a_retry_of_an_old_run_looks_first_as_well(of_yesterday, recorder, looks):
    run = of_yesterday()
    looks += [NotFound(), Found()]
    recorder.then(errors.PermanentError("No."))
    assert execute(run.pk) is RunStatus.FAILED
    on_runs.retry(on_runs.get(run.pk), Act())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


def test_a_run_for_an_old_event_waits_for_the_answer_to_its_look(of_yesterday, recorder, looks):
    run = of_yesterday()
    looks += [errors.TransientError("Busy."), Found()]
    assert execute(run.pk) is RunStatus.WAITING
    assert work(run) is RunStatus.SUCCEEDED
    assert recorder.calls == []


@pytest.mark.parametrize("repeat", [Repeat.SAFE, Repeat.ASK])
def test_only_calls_with_a_key_are_looked_for_first(of_yesterday, recorder, looks, monkeypatch, repeat):
    run = of_yesterday()
    monkeypatch.setattr(type(registry.get("test.looked")), "repeat", repeat)
    looks.append(Found())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert looks.calls == []


def test_what_a_person_starts_again_is_not_looked_for(of_yesterday, recorder, looks):
    run = of_yesterday()
    looks += [Found(), Found()]
    execute(run.pk)
    assert execute(on_runs.rerun(on_runs.get(run.pk), Act()).pk) is RunStatus.SUCCEEDED
    assert len(recorder.calls) == 1


def test_a_run_for_an_event_of_today_does_not_look_first(start, recorder, looks):
    run = begin(start, recorder)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert looks.calls == []


def test_a_read_is_never_looked_up(start, recorder, monkeypatch):
    run = start(action("one", "test.safe", text="a"))
    recorder.then(REPLAYED)
    assert work(run) is RunStatus.SUCCEEDED
    assert [step.look_up for step in groups(run)] == [""]


def test_a_call_that_may_have_acted_and_is_to_be_asked_about_by_now_is_not_sent_again(
    start, recorder, looks, monkeypatch
):
    run = begin(start, recorder, LOST)
    assert execute(run.pk) is RunStatus.WAITING
    # A new version of the action does not trust its key any more.
    monkeypatch.setattr(type(registry.get("test.looked")), "repeat", Repeat.ASK)
    assert work(run) is RunStatus.OUTCOME_UNKNOWN
    assert len(recorder.calls) == 1
    assert groups(run)[0].error["code"] == "unknown_outcome"
