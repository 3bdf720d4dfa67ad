"""Filling a period of a schedule: the exact times, each at most once, on the active version, by who may."""

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from stripeflow.triggers.models import Event
from stripeflow.workflows.audit import kinds
from stripeflow.workflows.audit.acts import NOBODY, Act, NotPossible
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import AuditEntry, Run, RunOperation, Schedule, WorkflowVersion
from stripeflow.workflows.operations import filling, lifecycle
from stripeflow.workflows.operations.filling import NotConfirmed, State, fill, period_of
from stripeflow.workflows.states import RunStatus
from stripeflow.workflows.worker import ticking
from tests.workflows.documents import action, compare, document, group
from tests.workflows.people import user_with_role
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

HOUR = timedelta(hours=1)


@pytest.fixture
def row():
    return hourly()


def read(workflow):
    return type(workflow).objects.select_related("active_version").get(pk=workflow.pk)


def period(row, hours=3, **options):
    """The last full hours before the row's next time."""
    return period_of(read(row.workflow), row.next_at - (hours + 1) * HOUR, row.next_at, **options)


def filled(found, act=NOBODY, *, again=False, **options):
    version = WorkflowVersion.objects.select_related("workflow__active_version").get(pk=found.version.pk)
    times = [one.at for one in found.times]
    return fill(version, () if again else times, act, again=times if again else (), **options)


def test_the_preview_names_the_times_and_those_that_have_run(row):
    first = period(row)
    assert [one.at for one in first.times] == [row.next_at - hour * HOUR for hour in (4, 3, 2, 1)]
    assert {one.state for one in first.times} == {State.NEW}
    filled(replace(first, times=first.times[1:2]))
    assert [one.state for one in period(row).times] == ["new", "has_run", "new", "new"]
    assert period(row).times[1].run == Run.objects.get()
    assert len(period(row).new) == 3


def test_each_time_runs_once_on_the_active_version_and_knows_the_one_before(row, recorder):
    lifecycle.activate(row.workflow)
    done = filled(period(row, 2))
    assert len(done.started) == 3
    for run in done.started:
        assert execute(run.pk) is RunStatus.SUCCEEDED
    times = [row.next_at - hour * HOUR for hour in (3, 2, 1)]
    assert recorder.texts == [str(int(at.timestamp())) for at in times]
    assert {run.version.number for run in Run.objects.all()} == {2}
    before = [event.object["previous_scheduled_for"] for event in Event.objects.order_by("created")]
    assert before == [None, *(int(at.timestamp()) for at in times[:2])]
    again = filled(period(row, 2))
    assert (again.started, [one.outcome for one in again.left]) == ((), ["has_run"] * 3)
    assert Run.objects.count() == 3


def test_the_schedule_itself_starts_no_filled_time_again(row):
    now = row.next_at + HOUR / 2
    fill(read(row.workflow).active_version, [row.next_at], NOBODY, now=now)
    assert ticking.tick(now) == 0
    after = Schedule.objects.get()
    assert (Run.objects.count(), after.next_at) == (1, row.next_at + HOUR)


def test_a_time_that_has_run_runs_again_only_if_asked_and_once(row):
    found = period(row, 1)
    for run in filled(found).started:
        execute(run.pk)
    act = replace(NOBODY, seen_at=timezone.now())
    assert len(filled(found, act, again=True).started) == 2
    assert filled(found, act, again=True).started == ()
    assert Run.objects.count() == 4


def test_where_money_moves_the_number_is_typed_again(money):
    workflow = lifecycle.create(scheduled(money, repeats="hours", every=1))
    lifecycle.activate(workflow)
    row = Schedule.objects.get(workflow=workflow)
    for confirmed in (None, 1, 3):
        with pytest.raises(NotConfirmed, match="type the number 2"):
            filled(period(row, 1), confirmed=confirmed)
    assert not Event.objects.exists()
    assert len(filled(period(row, 1), confirmed=2).started) == 2


def test_who_may_not_starts_nothing(row):
    with pytest.raises(PermissionDenied):
        filled(period(row), Act(user_with_role("viewer")))
    assert not Event.objects.exists()


def test_it_is_in_the_history_and_in_the_audit_log(row):
    filled(period(row, 0), Act(None, "The outage."))
    done, entry = RunOperation.objects.get(), AuditEntry.objects.get(kind=kinds.RUN_FILLED.key)
    assert (done.kind, done.note, entry.object_id) == ("fill", "The outage.", str(Run.objects.get().pk))


def test_the_trigger_conditions_count():
    made = scheduled()
    made["trigger"]["conditions"] = group(compare("trigger.scheduled_for", "is_empty"))
    workflow = lifecycle.create(made)
    lifecycle.activate(workflow)
    row = Schedule.objects.get(workflow=workflow)
    done = filled(period(row, 0))
    assert [one.outcome for one in done.left] == ["not_met"]
    assert [one.state for one in period(row, 0).times] == ["no_run"]


def test_runs_of_a_paused_workflow_are_held(row):
    pausing.pause(row.workflow_id, "Wait.")
    assert [run.status for run in filled(period(row, 0)).started] == [RunStatus.HELD]


def test_what_cannot_be_filled_is_said(row):
    workflow, at = read(row.workflow), row.next_at
    with pytest.raises(NotPossible, match="ends before it begins"):
        period_of(workflow, at, at - HOUR)
    with pytest.raises(NotPossible, match="in the future"):
        period_of(workflow, at, at + HOUR)
    for wrong, says in ((at - HOUR / 2, "not a time of"), (at, "not come yet")):
        with pytest.raises(NotPossible, match=says):
            fill(workflow.active_version, [wrong], NOBODY)
    old = workflow.active_version
    lifecycle.activate(row.workflow)
    with pytest.raises(NotPossible, match="Another version"):
        fill(WorkflowVersion.objects.select_related("workflow__active_version").get(pk=old.pk), [at], NOBODY)
    lifecycle.deactivate(row.workflow)
    with pytest.raises(NotPossible, match="not active"):
        period(row)
    other = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(other)
    with pytest.raises(NotPossible, match="no schedule"):
        period_of(read(other), at - HOUR, at)


def test_a_long_period_is_cut_and_says_so(row, monkeypatch):
    monkeypatch.setattr(filling, "MAX_TIMES", 2)
    found = period(row)
    assert (len(found.times), found.more) == (2, True)
