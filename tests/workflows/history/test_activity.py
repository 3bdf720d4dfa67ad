from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.history.activity import DAYS, NONE, Activity, activity_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment


@pytest.fixture
def workflow(recorder, queue, db):
    workflow = lifecycle.create(document(action("one")))
    lifecycle.activate(workflow)
    return workflow


def run(workflow, *, hours, status="succeeded"):
    accept(payment())
    one = Run.objects.order_by("-created_at").filter(workflow=workflow).first()
    Run.objects.filter(pk=one.pk).update(created_at=timezone.now() - timedelta(hours=hours), status=status)


def test_runs_are_counted_by_day_the_oldest_first(workflow):
    for hours in (1, 2, 30, DAYS * 24 - 1):
        run(workflow, hours=hours)
    run(workflow, hours=DAYS * 24 + 1)
    found = activity_of([workflow.pk], now=timezone.now())[workflow.pk]
    assert found.days == (1, *[0] * (DAYS - 3), 1, 2)
    assert found.total == 4


def test_what_ended_badly_counts_against_it_and_what_is_open_does_not(workflow):
    for status in ("succeeded", "succeeded", "failed", "outcome_unknown", "queued", "held", "canceled"):
        run(workflow, hours=1, status=status)
    found = activity_of([workflow.pk], now=timezone.now())[workflow.pk]
    assert (found.succeeded, found.ended, found.success_percent) == (2, 4, 50)


def test_workflows_are_kept_apart_in_one_query(workflow, django_assert_num_queries):
    other = lifecycle.create(document(action("one")))
    run(workflow, hours=1)
    with django_assert_num_queries(1):
        found = activity_of([workflow.pk, other.pk], now=timezone.now())
    assert list(found) == [workflow.pk]


def test_nothing_has_ended():
    assert (NONE.total, NONE.success_percent) == (0, None)


def test_a_rate_is_never_rounded_up_to_all():
    assert Activity((0,) * DAYS, 999, 1000).success_percent == 99


def test_the_line_stays_within_its_box():
    days = (0, 5, *[0] * (DAYS - 3), 10)
    points = [
        tuple(map(float, one.split(","))) for one in Activity(days, 0, 0).points(width=96, height=24).split()
    ]
    assert points[0] == (1.0, 23.0)
    assert points[1] == (pytest.approx(8.2, abs=0.1), 12.0)
    assert points[-1] == (95.0, 1.0)


def test_no_runs_are_a_line_at_the_bottom():
    assert {one.split(",")[1] for one in NONE.points(width=96, height=24).split()} == {"23.0"}
