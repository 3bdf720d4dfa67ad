import json
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.db import OperationalError, connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import Beat, Run, Schedule
from stripeflow.workflows.monitoring import health
from stripeflow.workflows.operations import on_runs
from tests.workflows.documents import action
from tests.workflows.events import accept, payment
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.workflows.monitoring.routes")]

TOKEN = "t" * 40
BEARER = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture(autouse=True)
def _token(settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "HEALTH_TOKEN": TOKEN}


@pytest.fixture
def alive():
    Beat.objects.write(f"{heartbeat.SWEEP}@test")
    Beat.objects.write("cluster@test")


def told(client, query=""):
    answer = client.get(f"/health/{query}", headers=BEARER)
    return answer.status_code, answer.json()["checks"]


def make_older(name, *, seconds):
    Beat.objects.filter(name=name).update(at=F("at") - timedelta(seconds=seconds))


@pytest.mark.usefixtures("alive")
def test_an_installation_that_lives_is_ok(client):
    status, checks = told(client)
    assert status == 200
    assert list(checks) == ["database", "sweep", "cluster", "queue", "webhook", "schedules"]
    assert all(check["ok"] for check in checks.values())


@pytest.mark.parametrize(("name", "seconds"), [("sweep", 31), ("cluster", 121)])
@pytest.mark.usefixtures("alive")
def test_silence_is_a_failure(client, name, seconds):
    kinds = {"sweep": heartbeat.SWEEP, "cluster": heartbeat.CLUSTER}
    make_older(f"{kinds[name]}@test", seconds=seconds)
    status, checks = told(client)
    assert status == 503
    assert [found for found, check in checks.items() if not check["ok"]] == [name]
    assert checks[name]["age"] == pytest.approx(seconds, abs=5)


def test_what_never_lived_is_a_failure(client):
    status, checks = told(client)
    assert status == 503
    assert checks["sweep"] == {"ok": False, "limit": 30}


@pytest.mark.usefixtures("alive")
def test_a_host_that_left_is_no_failure_while_another_lives(client):
    Beat.objects.write("ring@gone", now=timezone.now() - timedelta(days=1))
    assert told(client)[0] == 200


def long_ago(**columns):
    return {name: timezone.now() - timedelta(seconds=seconds) for name, seconds in columns.items()}


@pytest.mark.parametrize(
    ("status", "columns"),
    [
        ("queued", {"queued_at": 200, "rung_at": 1}),
        ("waiting", {"due_at": 200}),
        ("running", {"lease_expires_at": 200}),
    ],
)
@pytest.mark.usefixtures("alive")
def test_a_run_that_nobody_takes_is_a_failure(client, start, status, columns):
    run = start(action("one", text="a"))
    Run.objects.filter(pk=run.pk).update(status=status, **long_ago(**columns))
    code, checks = told(client)
    assert code == 503
    assert checks["queue"]["age"] == pytest.approx(200, abs=10)


@pytest.mark.usefixtures("alive")
def test_an_old_run_that_was_released_just_now_has_not_waited_long(client, start):
    run = start(action("one", text="a"))
    Run.objects.filter(pk=run.pk).update(status="held", held_reason="object", **long_ago(queued_at=9000))
    on_runs.release(Run.objects.get(pk=run.pk), Act())
    assert told(client)[0] == 200


@pytest.mark.usefixtures("alive")
def test_silence_of_stripe_fails_only_if_a_limit_is_set(client, settings):
    accept(payment())
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "HEALTH_WEBHOOK_SECONDS": 3600}
    assert told(client)[0] == 200
    health.Event.objects.update(received_at=timezone.now() - timedelta(hours=2))
    assert told(client)[0] == 503
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "HEALTH_WEBHOOK_SECONDS": 0}
    status, checks = told(client)
    assert status == 200
    assert checks["webhook"]["age"] >= 7200


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "Bearer "}])
@pytest.mark.usefixtures("alive")
def test_strangers_see_no_details(client, headers):
    assert client.get("/health/", headers=headers).json() == {"status": "ok"}


def test_without_a_token_in_the_settings_an_empty_one_opens_nothing(client, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "HEALTH_TOKEN": ""}
    assert client.get("/health/", headers={"Authorization": "Bearer "}).json() == {"status": "failing"}


def test_staff_see_the_details(admin_client):
    assert "checks" in admin_client.get("/health/").json()


@pytest.mark.parametrize("headers", [{}, BEARER])
def test_a_database_that_is_away_is_503_for_everyone(admin_client, monkeypatch, headers):
    def away(*_args, **_kwargs):
        raise OperationalError("gone")

    monkeypatch.setattr(connection, "cursor", away)
    answer = admin_client.get("/health/", headers=headers)
    assert answer.status_code == 503
    assert json.loads(answer.content)["status"] == "failing"


def test_a_load_balancer_can_ask_for_one_check(client):
    assert client.get("/health/?check=database").status_code == 200
    assert told(client, "?check=database")[1] == {"database": {"ok": True}}


def test_answers_are_not_kept_and_need_no_post(client):
    assert "no-store" in client.get("/health/")["Cache-Control"]
    assert client.post("/health/").status_code == 405


def test_costs_the_same_for_many_runs(client, start):
    def queries():
        with CaptureQueriesContext(connection) as captured:
            told(client)
        return len(captured)

    start(action("one", text="a"))
    few = queries()
    for number in range(10):
        accept(payment(id=f"pi_{number}"))
    assert queries() == few


@pytest.mark.parametrize("query", ["?check=nope", "?check=database&check=sweeps", "?check="])
def test_unknown_check_is_refused_and_the_known_ones_are_named(client, query):
    answer = client.get(f"/health/{query}")
    assert answer.status_code == 400
    assert "database, sweep, cluster, queue, webhook, schedules" in answer.json()["message"]


@pytest.mark.usefixtures("alive")
def test_a_check_is_found_by_its_former_name(client):
    assert list(told(client, "?check=ring")[1]) == ["sweep"]


def test_strangers_cost_no_queries_within_a_second(client, django_assert_num_queries, monkeypatch):
    clock = iter([100.0, 100.5, 101.5, 101.5])
    monkeypatch.setattr(health, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    client.get("/health/")
    with django_assert_num_queries(0):
        client.get("/health/")
    with CaptureQueriesContext(connection) as again:
        client.get("/health/")
    assert len(again) > 1


@pytest.mark.usefixtures("alive", "queue", "recorder")
def test_a_schedule_that_is_silent_is_a_failure_unless_it_is_paused(client):
    row = hourly()
    Schedule.objects.update(silent_from=timezone.now() - timedelta(seconds=290))
    assert told(client)[0] == 200
    Schedule.objects.update(silent_from=timezone.now() - timedelta(seconds=310))
    status, checks = told(client)
    assert (status, checks["schedules"]["ok"]) == (503, False)
    pausing.pause(row.workflow_id, "Wait.")
    assert told(client)[0] == 200
