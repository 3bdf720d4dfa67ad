from datetime import timedelta
from unittest import mock
from zoneinfo import ZoneInfo

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.models import Event
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing, switch
from stripeflow.workflows.limits.deauthorized import reconnect
from stripeflow.workflows.matching.why import explain
from stripeflow.workflows.models import Deauthorization, LeftOutTime, Run, Schedule
from stripeflow.workflows.models.limits import PauseCause
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.schedules.held import last_success
from stripeflow.workflows.schedules.naming import identity_of
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker import ticking
from stripeflow.workflows.worker.due import look_around
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def seconds(at):
    return int(at.timestamp())


def finish_all():
    for run in Run.objects.in_work():
        execute(run.pk)


def test_a_time_that_has_come_starts_a_run_that_reads_it(recorder):
    row = hourly()
    assert ticking.tick(row.next_at - SECOND) == 0
    assert ticking.tick(row.next_at + SECOND) == 1
    finish_all()
    run = Run.objects.get()
    assert run.status == RunStatus.SUCCEEDED
    assert recorder.texts == [str(seconds(row.next_at))]
    assert (run.event.created, run.event.external_id) == (
        row.next_at,
        f"{row.workflow_id}:{row.next_at:%Y-%m-%dT%H:%M:%SZ}",
    )
    assert (run.event.livemode, run.event.account) == (True, "")


def test_the_row_says_up_to_when_it_is_done():
    row = hourly()
    ticking.tick(row.next_at + SECOND)
    after = Schedule.objects.get()
    assert (after.last_at, after.next_at, after.look_at) == (
        row.next_at,
        row.next_at + HOUR,
        row.next_at + HOUR,
    )
    assert (after.count, after.claimed_at) == (1, None)
    assert ticking.tick(row.next_at + SECOND) == 0


def test_each_time_knows_the_one_before_and_the_last_success():
    row = hourly()
    first = row.next_at
    ticking.tick(first)
    finish_all()
    ticking.tick(first + HOUR)
    held = [event.payload["data"]["object"] for event in Event.objects.order_by("created")]
    none = {"previous_scheduled_for": None, "last_success_at": None}
    both = {"previous_scheduled_for": seconds(first), "last_success_at": seconds(first)}
    assert held == [
        {"scheduled_for": seconds(first), **none},
        {"scheduled_for": seconds(first + HOUR), **both},
    ]


def test_an_older_time_that_succeeds_later_does_not_move_the_last_success_back():
    row = hourly(overlap="allow")
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
    older, newer = Run.objects.order_by("event__created")[:2]
    execute(newer.pk)
    execute(older.pk)
    Run.objects.filter(pk=older.pk).update(created_at=timezone.now() + HOUR)
    assert last_success(row.workflow_id, row.next_at + 2 * HOUR) == row.next_at + HOUR


def test_ten_workers_that_look_at_once_make_one_event():
    row = hourly()
    rows = [Schedule.objects.select_related("version", "workflow").get() for _ in range(10)]
    assert sum(ticking._look(one, row.next_at) for one in rows) == 1
    assert Event.objects.count() == Run.objects.count() == 1


def test_a_time_is_called_the_same_in_whatever_zone_the_database_gives_it():
    row = hourly()
    local = row.next_at.astimezone(ZoneInfo("America/New_York"))
    assert identity_of(local) == identity_of(row.next_at) == f"{row.next_at:%Y-%m-%dT%H:%M:%SZ}"


@pytest.mark.parametrize("dies_at", ["accept_for", "_finish"])
def test_a_worker_that_dies_leaves_its_work_to_another_one(dies_at):
    row = hourly()
    with mock.patch.object(ticking, dies_at, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        ticking.tick(row.next_at)
    assert ticking.tick(row.next_at + SECOND) == 0
    ticking.tick(row.next_at + ticking.LEASE)
    after = Schedule.objects.get()
    assert (Event.objects.count(), Run.objects.count(), after.count) == (1, 1, 1)
    assert (after.last_at, LeftOutTime.objects.count()) == (row.next_at, 0)


def test_who_takes_over_late_decides_as_of_the_same_moment():
    row = hourly()
    with (
        mock.patch.object(ticking, "_finish", side_effect=KeyboardInterrupt),
        pytest.raises(KeyboardInterrupt),
    ):
        ticking.tick(row.next_at)
    late = row.next_at + 3 * HOUR
    ticking.tick(late)
    assert (Schedule.objects.get().last_at, Event.objects.count()) == (row.next_at, 1)
    finish_all()
    ticking.tick(late)
    assert Schedule.objects.get().last_at == late


def die(at, moment):
    with mock.patch.object(ticking, at, side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        ticking.tick(moment)


def test_a_claim_of_which_nothing_has_come_is_void():
    row = hourly()
    die("accept_for", row.next_at)
    late = row.next_at + 72 * HOUR
    ticking.tick(late)
    assert Event.objects.get().created == late
    missed = LeftOutTime.objects.get()
    assert (missed.reason, missed.first_at, missed.count) == ("missed", row.next_at, 72)


def test_who_takes_over_from_one_that_took_over_decides_as_of_the_later_moment():
    row = hourly()
    die("accept_for", row.next_at)
    late = row.next_at + 72 * HOUR
    die("_finish", late)
    ticking.tick(late + 2 * HOUR)
    after = Schedule.objects.get()
    assert (Event.objects.get().created, after.last_at, after.next_at) == (late, late, late + HOUR)


def test_what_had_come_before_a_pause_is_counted_and_not_left_out():
    row = hourly()
    die("_finish", row.next_at)
    pausing.pause(row.workflow_id, "Wait.")
    ticking.tick(row.next_at + 2 * HOUR)
    after, left_out = Schedule.objects.get(), LeftOutTime.objects.get()
    assert (after.last_at, after.count, after.next_at) == (row.next_at, 1, row.next_at + 3 * HOUR)
    assert (left_out.reason, left_out.first_at, left_out.count) == ("paused", row.next_at + HOUR, 2)


@pytest.mark.parametrize("meanwhile", ["deactivated", "taken over"])
def test_a_tick_under_way_ends_when_the_row_is_no_longer_ours(meanwhile):
    row = hourly(missed="all", missed_up_to=5, overlap="allow")
    real = ticking.accept_for

    def first(*given):
        answer = real(*given)
        if meanwhile == "deactivated":
            lifecycle.deactivate(row.workflow)
        else:
            Schedule.objects.update(look_at=row.next_at + 9 * HOUR)
        return answer

    with mock.patch.object(ticking, "accept_for", side_effect=first):
        assert ticking.tick(row.next_at + 3 * HOUR) == 1
    assert (Event.objects.count(), Schedule.objects.get().count) == (1, 0)


def test_a_tick_under_way_is_ended_by_another_worker_after_an_edit():
    row = hourly(missed="all", missed_up_to=5, overlap="allow")
    real = ticking.accept_for

    def first(*given):
        answer = real(*given)
        lifecycle.activate(row.workflow)
        return answer

    late = row.next_at + 3 * HOUR
    with mock.patch.object(ticking, "accept_for", side_effect=first):
        assert ticking.tick(late) == 1
    assert ticking.tick(late + ticking.LEASE) == 3
    assert (Event.objects.count(), Schedule.objects.get().count) == (4, 4)


def test_a_row_that_was_activated_again_meanwhile_is_not_overwritten():
    row = hourly()
    real = ticking.accept_for

    def edited(*given):
        lifecycle.deactivate(row.workflow)
        lifecycle.activate(row.workflow)
        return real(*given)

    with mock.patch.object(ticking, "accept_for", side_effect=edited):
        ticking.tick(row.next_at)
    after = Schedule.objects.get()
    assert (after.next_at, after.count) == (row.next_at, 0)
    ticking.tick(row.next_at)
    assert Event.objects.count() == 1


def test_one_that_fails_does_not_stop_the_others():
    first, second = hourly(), hourly()
    real = ticking.accept_for

    def fail(version, occurrence):
        if version.workflow_id == first.workflow_id:
            raise RuntimeError
        return real(version, occurrence)

    with mock.patch.object(ticking, "accept_for", side_effect=fail):
        assert ticking.tick(first.next_at) == 1
    assert Run.objects.get().workflow_id == second.workflow_id
    assert ticking.tick(first.next_at + ticking.LEASE) == 1


def test_missed_times_are_one_run_and_recorded():
    row = hourly()
    ticking.tick(row.next_at + 5 * HOUR + HOUR / 2)
    assert Event.objects.get().created == row.next_at + 5 * HOUR
    left_out = LeftOutTime.objects.get()
    assert (left_out.reason, left_out.count) == ("missed", 5)
    assert (left_out.first_at, left_out.last_at) == (row.next_at, row.next_at + 4 * HOUR)


def test_a_time_while_a_run_has_not_ended_is_skipped_and_recorded():
    row = hourly()
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
    left_out = LeftOutTime.objects.get()
    assert (Run.objects.count(), left_out.reason, left_out.count) == (1, "overlap", 2)
    assert left_out.last_at == row.next_at + 2 * HOUR
    finish_all()
    ticking.tick(row.next_at + 3 * HOUR)
    assert Run.objects.count() == 2


@pytest.mark.parametrize("status", [RunStatus.HELD, RunStatus.OUTCOME_UNKNOWN, RunStatus.WAITING])
def test_a_run_that_stands_still_has_not_ended(status):
    row = hourly()
    ticking.tick(row.next_at)
    Run.objects.update(status=status)
    ticking.tick(row.next_at + HOUR)
    assert Run.objects.count() == 1


def test_a_time_waits_for_a_run_to_end():
    row = hourly(overlap="queue")
    ticking.tick(row.next_at)
    ticking.tick(row.next_at + HOUR)
    after = Schedule.objects.get()
    assert (after.queued_for, after.look_at) == (row.next_at + HOUR, row.next_at + HOUR + ticking.AGAIN)
    ticking.tick(after.look_at)
    assert Run.objects.count() == 1
    finish_all()
    ticking.tick(after.look_at + ticking.AGAIN)
    assert Event.objects.order_by("created").last().created == row.next_at + HOUR
    assert Schedule.objects.get().look_at == row.next_at + 2 * HOUR


def test_runs_may_overlap_where_they_are_allowed_to():
    row = hourly(overlap="allow")
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
    assert Run.objects.count() == 3


def test_times_pass_while_the_workflow_is_paused():
    row = hourly()
    pausing.pause(row.workflow_id, "Wait.")
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
    left_out = LeftOutTime.objects.get()
    assert (Event.objects.count(), left_out.reason, left_out.count) == (0, "paused", 3)
    pausing.resume(row.workflow_id)
    assert ticking.tick(row.next_at + 3 * HOUR) == 1


def test_times_pass_while_the_kill_switch_is_on():
    row = hourly(overlap="allow")
    switch.stop(reason="Wait.")
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
    left_out = LeftOutTime.objects.get()
    assert (Event.objects.count(), left_out.reason, left_out.count) == (0, "stopped", 3)
    switch.start()
    assert ticking.tick(row.next_at + 3 * HOUR) == 1


@pytest.mark.parametrize("reason", ["paused", "stopped"])
def test_times_that_nobody_looked_at_until_all_went_on_are_not_caught_up(reason):
    row = hourly(overlap="queue")
    if reason == "paused":
        pausing.pause(row.workflow_id, "Wait.")
    else:
        switch.stop(reason="Wait.")
    past = timezone.now().replace(microsecond=0) - 5 * HOUR
    queued = past - HOUR
    Schedule.objects.update(next_at=past, look_at=past, queued_for=queued, silent_from=past)
    if reason == "paused":
        pausing.resume(row.workflow_id)
    else:
        switch.start()
    assert ticking.tick() == 0
    after = Schedule.objects.get()
    assert (after.next_at, after.look_at, after.queued_for) == (row.next_at, row.next_at, None)
    assert after.silent_from > timezone.now()
    left_out = LeftOutTime.objects.get()
    assert (left_out.reason, left_out.first_at) == (reason, queued)


def test_to_resume_what_was_not_paused_leaves_nothing_out():
    row = hourly()
    past = timezone.now().replace(microsecond=0) - HOUR
    Schedule.objects.update(next_at=past, look_at=past)
    pausing.resume(row.workflow_id)
    switch.start()
    assert Schedule.objects.get().next_at == past
    assert LeftOutTime.objects.count() == 0


def test_it_ends_after_the_set_number_of_times():
    row = hourly(most_runs=2)
    for hour in range(4):
        ticking.tick(row.next_at + hour * HOUR)
        finish_all()
    after = Schedule.objects.get()
    assert (Run.objects.count(), after.count, after.look_at, after.silent_from) == (2, 2, None, None)


def test_an_inactive_workflow_comes_about_no_more():
    row = hourly()
    lifecycle.deactivate(row.workflow)
    assert ticking.tick(row.next_at) == 0


def test_why_a_workflow_ran_is_said_as_of_any_event():
    row = hourly()
    ticking.tick(row.next_at)
    assert [one.reason for one in explain(Event.objects.get())] == ["started"]


def test_the_sweep_has_schedules_come_about(queue):
    row = hourly()
    past = timezone.now() - SECOND
    Schedule.objects.filter(pk=row.pk).update(next_at=past.replace(microsecond=0), look_at=past)
    assert look_around()["ticked"] == 1


def test_a_thousand_schedules_that_are_not_due_cost_one_query():
    row = hourly()
    workflow, version = row.workflow, row.version
    others = []
    for _ in range(1000):
        workflow.pk = None
        others.append(type(workflow)(name="Other"))
    made = type(workflow).objects.bulk_create(others)
    Schedule.objects.bulk_create(
        Schedule(workflow=one, version=version, next_at=row.next_at, look_at=row.next_at) for one in made
    )
    with CaptureQueriesContext(
        connection,
    ) as asked:
        assert ticking.tick(row.next_at - SECOND) == 0
    assert len(asked) == 1


def test_a_schedule_of_both_modes_cannot_be_activated():
    made = scheduled()
    made["trigger"]["scope"] = {"mode": "both", "accounts": "all"}
    from stripeflow.workflows.definition.problems import DefinitionError

    with pytest.raises(DefinitionError) as raised:
        lifecycle.activate(lifecycle.create(made))
    assert {one.code for one in raised.value.problems} == {"several_modes", "several_accounts"}


YEAR = timedelta(days=365)


def jump(row, ahead=YEAR):
    """A worker looks by a clock that is ahead; then it is set right."""
    ticking.tick(row.next_at + ahead)
    return Schedule.objects.get()


def test_after_a_clock_that_was_ahead_the_schedule_goes_on_and_says_so(caplog):
    row = hourly()
    assert jump(row).next_at > row.next_at + YEAR
    now = row.next_at - HOUR / 2
    assert ticking.tick(now) == 0
    after, left_out = Schedule.objects.get(), LeftOutTime.objects.get()
    assert (after.next_at, after.look_at, after.last_at) == (row.next_at, row.next_at, None)
    assert row.next_at < after.silent_from < row.next_at + 3 * HOUR
    assert (left_out.reason, left_out.last_at) == ("clock", now)
    assert "workflows.schedule.clock_was_ahead" in caplog.text
    finish_all()
    assert ticking.tick(row.next_at) == 1
    held = Event.objects.get(created=row.next_at).object
    assert (held["previous_scheduled_for"], held["last_success_at"]) == (None, None)


@pytest.mark.parametrize("settings", [{"ends": "2199-01-01T00:00"}, {"most_runs": 1}])
def test_a_schedule_that_ended_by_a_wrong_clock_goes_on_if_it_has_runs_left(settings):
    row = hourly(**settings)
    ends = {"starts": row.next_at + 400 * YEAR} if "ends" in settings else {}
    ticking.tick(ends.get("starts", row.next_at + YEAR))
    assert Schedule.objects.get().next_at is None
    assert ticking.tick(row.next_at) == 0
    assert ticking.tick(row.next_at + HOUR) == (1 if ends else 0)


@pytest.mark.parametrize("dies_at", ["accept_for", "_finish"])
def test_a_worker_that_dies_with_a_wrong_clock_does_not_stop_the_schedule(dies_at):
    row = hourly()
    die(dies_at, row.next_at + YEAR)
    assert ticking.tick(row.next_at) == 0
    assert Schedule.objects.get().count == (1 if dies_at == "_finish" else 0)
    finish_all()
    assert ticking.tick(row.next_at + HOUR) == 1


def test_a_clock_that_is_set_back_starts_no_time_again():
    row = hourly()
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
        finish_all()
    for minutes in range(0, 240, 10):
        ticking.tick(row.next_at + minutes * HOUR / 60)
        finish_all()
    assert list(Event.objects.order_by("created").values_list("created", flat=True)) == [
        row.next_at + hour * HOUR for hour in range(4)
    ]
    assert Run.objects.count() == 4


def test_a_worker_whose_clock_is_ahead_by_minutes_and_one_that_is_right_do_not_quarrel(caplog):
    row = hourly()
    for minute in range(0, 240, 1):
        right = row.next_at - HOUR / 2 + minute * HOUR / 60
        ticking.tick(right + HOUR / 12)
        ticking.tick(right)
        finish_all()
    assert Run.objects.count() == 4
    assert "clock_was_ahead" not in caplog.text


def test_one_that_was_deactivated_since_stays_so():
    row = hourly()
    jump(row)
    lifecycle.deactivate(row.workflow)
    assert ticking.tick(row.next_at) == 0
    assert Schedule.objects.get().look_at is None


@pytest.mark.parametrize("overlap", ["skip", "queue", "allow"])
@pytest.mark.parametrize("why", ["paused", "disconnected"])
def test_times_pass_while_the_account_is_held_and_no_run_piles_up(overlap, why):
    account = "acct_1"
    row = hourly(overlap=overlap, scope={"mode": "live", "accounts": [account]})
    side = AccountMode(livemode=True, account=account)
    if why == "paused":
        pausing.pause_account(row.workflow_id, side, "Refused.", cause=PauseCause.REFUSED)
    else:
        now = timezone.now()
        gone = Deauthorization.objects.create(**side._asdict(), told_at=now, deauthorized_at=now)
    for hour in range(3):
        ticking.tick(row.next_at + hour * HOUR)
    left_out = LeftOutTime.objects.get()
    assert (Run.objects.count(), left_out.reason, left_out.count) == (0, "account", 3)
    pausing.resume(row.workflow_id) if why == "paused" else reconnect(gone)
    assert ticking.tick(row.next_at + 3 * HOUR) == 1


def test_a_pause_of_another_mode_leaves_nothing_out():
    row = hourly()
    side = AccountMode(livemode=False, account="")
    pausing.pause_account(row.workflow_id, side, "No key.", cause=PauseCause.NO_KEY)
    assert ticking.tick(row.next_at) == 1
