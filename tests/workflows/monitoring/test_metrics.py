import sys
from datetime import timedelta

import pytest
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Beat, Run
from stripeflow.workflows.monitoring import metrics
from stripeflow.workflows.operations import on_runs
from tests.workflows.documents import action
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflows.monitoring.routes")]

TOKEN = "m" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _fresh(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "METRICS_TOKEN": TOKEN}
    metrics.event_totals.forget()
    metrics.run_totals.forget()


@pytest.fixture
def scrape(client):
    """The samples by name, or by name and label."""

    def scrape():
        answer = client.get("/metrics", headers=BEARER)
        assert answer.status_code == 200
        families = text_string_to_metric_families(answer.content.decode())
        samples = [sample for family in families for sample in family.samples]
        return {(s.name, *s.labels.values()) if s.labels else s.name: s.value for s in samples}

    return scrape


def deliver_again(event):
    return inbox.accept_stripe(event.payload, mirror=False)


def settle():
    """Let everything that is there be older than what could still be committed."""
    Event.objects.update(received_at=F("received_at") - timedelta(hours=1))
    Run.objects.update(created_at=F("created_at") - timedelta(hours=1))


def test_counts_events_by_type(scrape):
    accept(payment())
    canceled = accept(payment(), type="payment_intent.canceled")
    deliver_again(canceled)
    deliver_again(canceled)
    found = scrape()
    assert found["stripeflow_events_accepted_total", "payment_intent.succeeded"] == 1
    assert found["stripeflow_events_duplicate_total", "payment_intent.succeeded"] == 0
    assert found["stripeflow_events_accepted_total", "payment_intent.canceled"] == 1
    assert found["stripeflow_events_duplicate_total", "payment_intent.canceled"] == 2
    assert found["stripeflow_events_received_total", "payment_intent.canceled"] == 3


def test_counters_go_on_over_what_is_settled(scrape):
    name = ("stripeflow_events_accepted_total", "payment_intent.succeeded")
    seen = []
    for _round in range(4):
        accept(payment())
        seen.append(scrape()[name])
        settle()
    assert seen == [1, 2, 3, 4]


def test_what_is_settled_is_not_counted_again(scrape):
    accept(payment())
    settle()
    scrape()
    scrape()
    with CaptureQueriesContext(connection) as captured:
        accepted = metrics.event_totals.read(timezone.now())
    assert accepted["payment_intent.succeeded"] == 1
    assert all('"id" > ' in query["sql"] for query in captured)


def test_a_second_process_counts_the_same(scrape):
    accept(payment())
    settle()
    scrape()
    accept(payment())
    assert metrics.EventTotals().read(timezone.now()) == metrics.event_totals.read(timezone.now())


def test_counts_runs_by_status(scrape, start):
    runs = [start(action("one", text="a")) for _number in range(3)]
    succeeded, failed, _queued = sorted(Run.objects.values_list("pk", flat=True))[:3]
    Run.objects.filter(pk=succeeded).update(status="succeeded")
    Run.objects.filter(pk=failed).update(status="failed")
    counted = {key[1]: value for key, value in scrape().items() if key[0] == "stripeflow_runs"}
    total = Run.objects.count()
    assert len(runs) == 3
    assert counted == {
        "queued": total - 2,
        "running": 0,
        "waiting": 0,
        "held": 0,
        "outcome_unknown": 0,
        "succeeded": 1,
        "failed": 1,
        "canceled": 0,
    }


def test_runs_are_counted_right_after_they_are_settled_and_change(scrape, start):
    run = start(action("one", text="a"))
    scrape()
    settle()
    scrape()
    Run.objects.filter(pk=run.pk).update(status="failed")
    scrape()
    on_runs.retry(Run.objects.get(pk=run.pk), Act())
    found = scrape()
    assert (found["stripeflow_runs", "queued"], found["stripeflow_runs", "succeeded"]) == (1, 0)


def test_tells_what_waits_and_for_how_long(scrape, start):
    run = start(action("one", text="a"))
    Run.objects.filter(pk=run.pk).update(queued_at=timezone.now() - timedelta(seconds=90))
    Beat.objects.write("ring@test")
    found = scrape()
    assert found["stripeflow_queue_depth"] == 1
    assert found["stripeflow_oldest_due_age_seconds"] == pytest.approx(90, abs=10)
    assert found["stripeflow_sweep_age_seconds"] < 10
    assert found["stripeflow_ring_age_seconds"] == found["stripeflow_sweep_age_seconds"]
    assert found["stripeflow_cluster_age_seconds"] != found["stripeflow_cluster_age_seconds"]
    assert found["stripeflow_stopped"] == 0
    assert found["stripeflow_schedules_silent"] == 0


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": TOKEN}])
def test_strangers_are_refused(client, headers):
    answer = client.get("/metrics", headers=headers)
    assert answer.status_code == 401
    assert b"stripeflow_" not in answer.content


def test_an_empty_token_opens_nothing(client, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "METRICS_TOKEN": ""}
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_staff_may_read(admin_client):
    assert b"stripeflow_runs{" in admin_client.get("/metrics").content


def test_says_what_is_missing(client, monkeypatch):
    monkeypatch.setitem(sys.modules, "prometheus_client.exposition", None)
    answer = client.get("/metrics", headers=BEARER)
    assert answer.status_code == 501
    assert b"stripeflow[metrics]" in answer.content


def test_costs_the_same_for_many_rows(scrape, start):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            scrape()
        return len(captured)

    start(action("one", text="a"))
    scrape()
    few = queries()
    for number in range(20):
        deliver_again(accept(payment(id=f"pi_{number}"), type=f"charge.kind_{number}"))
    assert queries() == few
