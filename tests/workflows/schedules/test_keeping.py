from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.drafts.rows import replace_rows
from stripeflow.workflows.models import Schedule
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.schedules.showing import progress_of
from tests.workflows.documents import action, document
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]
HOUR = timedelta(hours=1)


def publish(workflow, made):
    replace_rows(workflow, made)
    lifecycle.activate(workflow)
    return Schedule.objects.get(workflow=workflow)


def test_activation_begins_with_the_next_time():
    row = hourly()
    assert timezone.now() < row.next_at <= timezone.now() + HOUR
    assert row.look_at == row.next_at
    assert row.silent_from == row.next_at + HOUR + timedelta(minutes=1)


def test_the_same_schedule_goes_on_where_it_is():
    row = hourly()
    at = timezone.now() - HOUR
    Schedule.objects.update(next_at=at, look_at=at, count=3)
    made = scheduled(action("other", text="b"))
    made["trigger"] |= {"repeats": "hours", "every": 1}
    after = publish(row.workflow, made)
    assert (after.next_at, after.count, after.version.number) == (at, 3, 2)


def test_another_schedule_begins_again():
    row = hourly()
    Schedule.objects.update(count=3)
    after = publish(row.workflow, scheduled(repeats="minutes", every=5))
    assert (after.count, after.next_at <= timezone.now() + timedelta(minutes=5)) == (0, True)


def test_nothing_is_caught_up_of_what_passed_while_it_was_inactive():
    row = hourly()
    lifecycle.deactivate(row.workflow)
    row.refresh_from_db()
    assert (row.look_at, row.next_at, row.silent_from) == (None, None, None)
    lifecycle.activate(row.workflow)
    row.refresh_from_db()
    assert row.next_at > timezone.now()


def test_the_number_of_times_goes_on_after_a_break():
    row = hourly(most_runs=3)
    Schedule.objects.update(count=3)
    lifecycle.deactivate(row.workflow)
    lifecycle.activate(row.workflow)
    row.refresh_from_db()
    assert (row.count, row.next_at, row.look_at) == (3, None, None)


def test_another_trigger_has_no_times():
    row = hourly()
    assert publish(row.workflow, document(action("one", text="a"))).look_at is None


def test_the_page_names_others_that_start_in_the_same_minute():
    rows = [hourly() for _ in range(5)]
    other = hourly()
    later = other.next_at + timedelta(minutes=1)
    Schedule.objects.filter(pk=other.pk).update(next_at=later, look_at=later)
    progress = progress_of(rows[0].workflow)
    assert (len(progress.beside), progress.more_beside) == (3, 1)
    assert progress_of(other.workflow).beside == ()
