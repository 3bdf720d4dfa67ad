from datetime import UTC, datetime, timedelta

import pytest

from stripeflow.triggers.types.recurring_schedule import zones
from stripeflow.triggers.types.recurring_schedule.missed import CatchUp, Missed
from stripeflow.triggers.types.recurring_schedule.recurrence import Every
from stripeflow.triggers.types.recurring_schedule.timetable import Timetable
from stripeflow.triggers.types.recurring_schedule.timing import Overlap, Timing
from stripeflow.workflows.schedules.deciding import Standing, decide

HOURLY = Timetable(Every(timedelta(hours=1)), zones.find("UTC"))
NOON = datetime(2026, 12, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def decided(*, hours=0, queued_for=None, count=0, is_busy=False, **timing):
    standing = Standing(NOON, queued_for, count)
    return decide(standing, Timing(HOURLY, **timing), now=NOON + hours * HOUR, is_busy=is_busy)


def test_a_time_that_has_come_comes_about_and_the_next_one_follows():
    found = decided()
    assert (found.ticks, found.standing) == ([NOON], Standing(NOON + HOUR, None, 1))


@pytest.mark.parametrize(
    ("overlap", "ticks", "queued", "left_out"),
    [
        (Overlap.SKIP, [], None, 1),
        (Overlap.QUEUE, [], NOON, 0),
        (Overlap.ALLOW, [NOON], None, 0),
    ],
)
def test_while_a_run_has_not_ended_it_is_as_set(overlap, ticks, queued, left_out):
    found = decided(overlap=overlap, is_busy=True)
    assert (found.ticks, found.standing.queued_for) == (ticks, queued)
    assert (found.overlapping.count if found.overlapping else 0) == left_out


def test_of_those_that_wait_there_is_one_and_it_stays_the_first():
    found = decided(hours=0, queued_for=NOON - HOUR, overlap=Overlap.QUEUE, is_busy=True)
    assert (found.ticks, found.standing.queued_for) == ([], NOON - HOUR)
    assert found.overlapping.first == NOON


def test_the_one_that_waited_comes_first_and_the_one_of_now_waits():
    found = decided(queued_for=NOON - HOUR, overlap=Overlap.QUEUE)
    assert (found.ticks, found.standing.queued_for) == ([NOON - HOUR], NOON)


def test_missed_ones_come_about_side_by_side_where_they_may():
    catch_up = CatchUp(Missed.ALL, 2)
    found = decided(hours=4, catch_up=catch_up, overlap=Overlap.ALLOW)
    assert found.ticks == [NOON + 3 * HOUR, NOON + 4 * HOUR]
    assert (found.missed.count, found.standing.count) == (3, 2)


def test_after_the_last_allowed_time_nothing_follows():
    catch_up = CatchUp(Missed.ALL, 5)
    found = decided(hours=4, count=1, most=3, catch_up=catch_up, overlap=Overlap.ALLOW)
    assert (found.ticks, found.standing) == ([NOON, NOON + HOUR], Standing(None, None, 3))
