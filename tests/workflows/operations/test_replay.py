import time
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.access import guarded
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.engine.execution import execute as run_it
from stripeflow.workflows.limits import switch
from stripeflow.workflows.matching import starting
from stripeflow.workflows.models import Run, RunOperation, Workflow
from stripeflow.workflows.operations import lifecycle, replay
from stripeflow.workflows.operations.replay import MAX_EVENTS, NotReplayable
from stripeflow.workflows.operations.replay_choice import Choice, choose
from stripeflow.workflows.operations.replay_outcomes import Outcome
from stripeflow.workflows.queue import EXECUTE
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder")]

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
AGO = 7200


@pytest.fixture
def workflow(queue):
    workflow = lifecycle.create(document(action("one", text="a"), conditions=LARGE, name="Large"))
    lifecycle.activate(workflow)
    return workflow


@pytest.fixture
def version(workflow):
    return workflow.active_version


def older(amount=200_000, **options):
    """An event of two hours ago, before anything was active."""
    return accept(payment(amount), created=time.time() - AGO, **options)


def outcomes(events, version, **options):
    return [judged.outcome for judged in replay.preview(events, version, **options)]


def test_a_preview_says_what_each_event_would_do_and_starts_nothing(version):
    lacking = payment()
    del lacking["amount"]
    events = [
        older(),
        older(1),
        accept(lacking, created=time.time() - AGO),
        older(type="payment_intent.canceled"),
    ]
    Event.objects.filter(pk=older().pk).update(pruned_at=timezone.now())
    events.append(Event.objects.exclude(pruned_at=None).get())
    assert outcomes(events, version) == [
        Outcome.WOULD_START,
        Outcome.NOT_MET,
        Outcome.UNKNOWN,
        Outcome.OTHER_TYPE,
        Outcome.EMPTIED,
    ]
    assert not Run.objects.exists()


def test_a_preview_explains_what_the_conditions_saw(version):
    (judged,) = replay.preview([older(1)], version)
    assert judged.evaluation.truth.name == "NOT_MET"
    assert judged.evaluation.reason in judged.reason


def test_starts_runs_for_events_of_before_the_activation(version, queue, django_capture_on_commit_callbacks):
    event = older()
    assert not Run.objects.exists()
    with django_capture_on_commit_callbacks(execute=True):
        done = replay.execute([event], version)
    run = Run.objects.get()
    assert done.started == (run,)
    assert (run.event, run.version, run.rerun_of, run.object_id) == (event, version, None, "pi_test")
    assert run.explanation["truth"] == "met"
    assert queue.of(EXECUTE) == [(str(run.pk),)]
    assert run_it(run.pk) == RunStatus.SUCCEEDED


def test_who_replayed_is_kept(version, django_user_model):
    staff = django_user_model.objects.create_superuser("staff")
    (run,) = replay.execute([older()], version, act=Act(staff, "Late.")).started
    assert list(run.operations.values_list("kind", "user", "note")) == [("replay", staff.pk, "Late.")]


def test_a_second_replay_starts_nothing(version):
    event = older()
    (run,) = replay.execute([event], version).started
    assert outcomes([event], version) == [Outcome.NOT_FINISHED]
    run_it(run.pk)
    done = replay.execute([event], version)
    assert [judged.outcome for judged in done.left] == [Outcome.HAS_RUN]
    assert Run.objects.count() == 1


def test_asked_to_it_runs_again_as_a_rerun(version):
    event = accept(payment())
    first = Run.objects.get()
    run_it(first.pk)
    assert outcomes([event], version, again=True) == [Outcome.WOULD_START]
    (run,) = replay.execute([event], version, again=True).started
    assert run.rerun_of == first
    assert list(first.operations.values_list("kind", flat=True)) == ["rerun"]


def test_what_was_started_again_since_it_was_seen_is_left_alone(version):
    event = accept(payment())
    run_it(Run.objects.get().pk)
    act = Act(seen_at=timezone.now())
    (run,) = replay.execute([event], version, act=act, again=True).started
    run_it(run.pk)
    done = replay.execute([event], version, act=act, again=True)
    assert [judged.outcome for judged in done.left] == [Outcome.HAS_RUN]
    assert len(replay.execute([event], version, act=Act(seen_at=timezone.now()), again=True).started) == 1


def test_a_run_that_is_not_finished_is_not_repeated(version):
    event = accept(payment())
    assert outcomes([event], version, again=True) == [Outcome.NOT_FINISHED]
    assert replay.execute([event], version, again=True).started == ()


def test_one_of_two_replays_of_the_same_event_starts(version):
    event = older()
    done = replay.execute([event, event], version, again=True)
    assert len(done.started) == 1
    assert [judged.outcome for judged in done.left] == [Outcome.NOT_FINISHED]


def test_an_event_that_is_matched_meanwhile_is_left_alone(version, monkeypatch):
    event = accept(payment())
    monkeypatch.setattr(replay, "_runs_of", lambda *_: {})
    assert [judged.outcome for judged in replay.execute([event], version).left] == [Outcome.HAS_RUN]
    assert Run.objects.count() == 1


def test_runs_on_the_version_that_was_named(workflow, version):
    second = lifecycle.activate(workflow)
    workflow.refresh_from_db()
    assert replay.version_of(workflow) == second
    (run,) = replay.execute([older()], replay.version_of(workflow, version.number)).started
    assert run.version == version


def test_without_a_version_there_is_nothing_to_replay_on(workflow):
    with pytest.raises(NotReplayable):
        replay.version_of(workflow, 99)
    lifecycle.deactivate(workflow)
    lifecycle.archive(workflow)
    workflow.refresh_from_db()
    with pytest.raises(NotReplayable, match="archived"):
        replay.version_of(workflow, 1)


def begun_before(event_of):
    """Make the event of this run older than what `older` gives, as that of a cause is."""
    long_ago = timezone.now() - timedelta(seconds=2 * AGO)
    Event.objects.filter(pk=event_of.event_id).update(created=long_ago)


def test_what_the_workflow_caused_itself_does_not_start(version, start):
    cause = start(action("one", text="a"))
    begun_before(cause)
    run_it(cause.pk)
    key = cause.steps.get().idempotency_key
    caused = older(request={"id": None, "idempotency_key": key})
    assert outcomes([caused], version) == [Outcome.WOULD_START]
    assert outcomes([caused], cause.version) == [Outcome.OWN_CALL]
    (run,) = replay.execute([caused], version).started
    assert run.depth == 1


def test_a_cause_whose_step_is_lost_is_known_by_the_run_in_its_key_after_a_restored_backup(version, start):
    cause = start(action("one", text="a"))
    begun_before(cause)
    switch.stop_restored(reason="A backup was restored.")
    caused = older(request={"id": None, "idempotency_key": f"stripeflow:{cause.pk}:one:1"})
    assert outcomes([caused], cause.version) == [Outcome.OWN_CALL]
    (run,) = replay.execute([caused], version).started
    assert run.depth == 1


def test_a_paused_workflow_holds_what_is_replayed(version, queue, django_capture_on_commit_callbacks):
    Workflow.objects.update(paused_at=timezone.now())
    with django_capture_on_commit_callbacks(execute=True):
        (run,) = replay.execute([older()], version).started
    run.refresh_from_db()
    assert (run.status, run.held_reason) == ("held", "paused")
    assert queue.messages == []


def test_one_event_that_breaks_the_evaluation_does_not_hide_the_others(version, monkeypatch):
    events = [older(), older()]
    evaluate = starting.evaluate_trigger

    def broken(plan, event):
        return 1 / 0 if event == events[0] else evaluate(plan, event)

    monkeypatch.setattr(replay, "evaluate_trigger", broken)
    assert outcomes(events, version) == [Outcome.BROKE, Outcome.WOULD_START]


def test_an_event_that_was_emptied_since_the_preview_is_left_alone(version):
    event = older()
    Event.objects.update(pruned_at=timezone.now())
    assert [judged.outcome for judged in replay.execute([event], version).left] == [Outcome.EMPTIED]


def test_batches_are_bounded(version):
    events = [older()] * (MAX_EVENTS + 1)
    for function in (replay.preview, replay.execute):
        with pytest.raises(NotReplayable, match=str(MAX_EVENTS)):
            function(events, version)
    assert not Run.objects.exists()


def test_selects_events_of_the_type_within_a_span_oldest_first(version):
    now = time.time()
    ids = [accept(payment(), created=now - hours * 3600).external_id for hours in (5, 3, 1)]
    older(type="payment_intent.canceled")
    since = timezone.now() - timedelta(hours=4)

    def found(**options):
        return [event.external_id for event in replay.select(version, **options)]

    assert found() == ids
    assert found(since=since) == ids[1:]
    assert found(since=since, until=timezone.now() - timedelta(hours=2)) == ids[1:2]
    assert found(external_ids=[ids[2], ids[0]]) == [ids[0], ids[2]]
    assert found(limit=1) == ids[:1]


def test_of_several_events_of_one_id_all_are_selected_or_one_by_ours(version):
    shared = "evt_00000000000000"
    events = [accept(payment(id=f"pi_{number}"), id=shared) for number in (1, 2)]
    assert replay.select(version, external_ids=[shared]) == events
    assert replay.select(version, external_ids=[events[1].reference]) == [events[1]]
    chosen = choose(Choice(version.workflow, ids=(shared, events[0].reference, "evt_no", "0")))
    assert (chosen.events, chosen.missing) == (events, ("evt_no", "0"))


def test_a_preview_costs_the_same_for_many_events(version, start):
    run = start(action("one", text="a"))
    run_it(run.pk)
    request = {"id": None, "idempotency_key": run.steps.get().idempotency_key}

    def queries(count):
        events = [older(request=request) for _number in range(count)]
        with CaptureQueriesContext(connection) as captured:
            replay.preview(events, version)
        return len(captured)

    assert queries(1) == queries(10)


REPLAYS = (
    "stripeflow_workflows.change_run",
    "stripeflow_triggers.view_event",
    "stripeflow_triggers.view_payload",
)


def permitted(*names):
    class User:
        def has_perm(self, name):
            return name in names

    return User()


@pytest.mark.parametrize(
    ("names", "allowed"),
    [
        ((), False),
        (("stripeflow_workflows.change_run",), False),
        (("stripeflow_workflows.change_run", "stripeflow_triggers.view_event"), False),
        (REPLAYS, True),
    ],
)
def test_who_may_replay(version, names, allowed):
    assert replay.may_replay(permitted(*names), version) is allowed


def test_a_version_that_moves_money_needs_its_own_permission(version, monkeypatch):
    monkeypatch.setattr(guarded, "moves_or_destroys", lambda _steps: True)
    assert not replay.may_replay(permitted(*REPLAYS), version)
    assert replay.may_replay(permitted(*REPLAYS, "stripeflow_workflows.run_money_moving_workflow"), version)


def command(*args):
    out = StringIO()
    call_command("stripeflow_replay", *map(str, args), stdout=out)
    return out.getvalue()


def test_the_command_shows_first_and_starts_when_asked_to(workflow):
    event, small = older(), older(1)
    told = command(workflow.pk, "--since", "1d")
    assert "“Large”, v1: 2 events." in told
    assert f"{event.external_id}  " in told
    assert "would_start" in told
    assert f"{small.external_id}  " in told
    assert "not_met: The trigger conditions are not met." in told
    assert "1 runs would start. Say so with --yes." in told
    assert not Run.objects.exists()
    assert "Started 1 runs." in command(workflow.pk, "--since", "1d", "--yes")
    assert Run.objects.get().event == event


def test_the_command_takes_events_by_id_and_a_version(workflow):
    events = [older() for _number in range(3)]
    told = command(workflow.pk, "--events", events[1].external_id, "--on", "1", "--yes")
    assert "Started 1 runs." in told
    assert Run.objects.get().event == events[1]
    assert RunOperation.objects.get().user is None


def test_the_command_names_what_never_arrived_and_keeps_the_note(workflow):
    told = command(workflow.pk, "--events", older().external_id, "evt_nobody", "--note", "Late.", "--yes")
    assert "evt_nobody  never arrived" in told
    assert RunOperation.objects.get().note == "Late."


def test_the_command_says_that_the_span_has_more(workflow):
    older(), older()
    assert "1 events. Newer ones follow" in command(workflow.pk, "--since", "1d", "--limit", "1")
    assert "Newer ones" not in command(workflow.pk, "--since", "1d", "--limit", "2")


@pytest.mark.parametrize("args", [(0, "--since", "1d"), ("--since", "1d")])
def test_the_command_refuses_what_is_not_there(args):
    with pytest.raises(CommandError):
        command(*args)


def test_the_command_refuses_an_unknown_version(workflow):
    with pytest.raises(CommandError, match="no such version"):
        command(workflow.pk, "--since", "1d", "--on", "7")
