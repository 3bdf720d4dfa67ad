"""A schedule whose starts are spread, as workers, its page and the API see it."""

from datetime import timedelta

import pytest

from stripeflow.workflows.api.shapes.schedules import ScheduleShape
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import LeftOutTime, Run, Schedule
from stripeflow.workflows.schedules.showing import progress_of
from stripeflow.workflows.worker import ticking
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)


def test_a_time_whose_start_is_spread_stays_that_time():
    row = hourly(spread_minutes=30)
    at, start = row.next_at, row.look_at
    # A delay may be none at all.
    assert at <= start < at + HOUR
    assert start == at or progress_of(row.workflow).next.endswith(f"; it starts at {start:%H:%M:%S}")
    assert ScheduleShape(row).data["starts_at"] == f"{start:%Y-%m-%dT%H:%M:%SZ}"
    assert ticking.tick(start - SECOND) == 0
    # Ten workers that look at once.
    assert sum(ticking.tick(start) for _ in range(10)) == 1
    run = Run.objects.get()
    assert (run.event.created, run.event.external_id) == (at, f"{row.workflow_id}:{at:%Y-%m-%dT%H:%M:%SZ}")
    after = Schedule.objects.get()
    assert after.next_at == at + HOUR <= after.look_at < after.next_at + HOUR


def test_a_time_that_has_not_started_is_not_left_out_by_a_pause():
    row = hourly(spread_minutes=30)
    at, start = row.next_at, row.look_at
    pausing.pause(row.workflow_id, "Wait.")
    assert ticking.tick(start - SECOND) == 0
    assert not LeftOutTime.objects.exists()
    assert ticking.tick(start) == 0
    assert LeftOutTime.objects.get().first_at == at
