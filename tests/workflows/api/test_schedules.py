"""Schedules by the API: where one stands, the times that started nothing, and filling a period."""

from datetime import timedelta

import pytest

from stripeflow.workflows.models import LeftOutTime, Run, Schedule
from stripeflow.workflows.models.schedule import LeftOutReason
from stripeflow.workflows.operations import lifecycle
from tests.workflows.schedules.documents import hourly, scheduled

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

HOUR = timedelta(hours=1)


@pytest.fixture
def api(api_for, make_user):
    names = ("view_workflow", "change_run", "view_event", "view_payload", "run_money_moving_workflow")
    return api_for(make_user(*names, username="operator"))


def wire(at):
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def preview(api, row, hours=1):
    body = {"since": wire(row.next_at - (hours + 1) * HOUR), "until": wire(row.next_at)}
    return api.post(f"workflows/{row.workflow_id}/schedule/fill/preview/", body)


def fill(api, row, **body):
    return api.post(f"workflows/{row.workflow_id}/schedule/fill/", {"version": 1, **body})


def test_where_it_stands_and_what_was_left_out(api):
    row = hourly()
    at = row.next_at - HOUR
    LeftOutTime.objects.create(
        workflow=row.workflow, reason=LeftOutReason.MISSED, first_at=at, last_at=at, count=1
    )
    stands = api.get(f"workflows/{row.workflow_id}/schedule/").json()
    assert (stands["next_at"], stands["last_at"], stands["count"]) == (wire(row.next_at), None, 0)
    (one,) = api.get(f"workflows/{row.workflow_id}/schedule/left-out/").json()["results"]
    assert (one["reason"], one["message"]) == ("missed", "No worker was running at that time.")
    assert (one["first_at"], one["count"], one["more"]) == (wire(at), 1, False)
    assert api.get("workflows/999/schedule/").status_code == 404


def test_numbers_and_times_that_nothing_has_are_refused(api):
    row, huge, first = hourly(), "9" * 30, "0001-01-01T00:00:00Z"
    assert api.get(f"workflows/{huge}/schedule/").status_code == 404
    assert fill(api, row, times=[first]).status_code == 409
    body = {"since": first, "until": wire(row.next_at)}
    found = api.post(f"workflows/{row.workflow_id}/schedule/fill/preview/", body)
    assert (found.status_code, found.json()["times"][0]["at"]) == (200, "1970-01-01T00:00:00Z")


def test_a_period_is_previewed_and_filled_once(api):
    row = hourly()
    seen = preview(api, row).json()
    times = [one["at"] for one in seen["times"]]
    assert (seen["version"], seen["new"], seen["more"], seen["moves_money"]) == (1, 2, False, False)
    assert times == [wire(row.next_at - 2 * HOUR), wire(row.next_at - HOUR)]
    first = fill(api, row, times=times, note="The outage.")
    assert first.status_code == 201
    assert [one["at"] for one in first.json()["started"]] == times
    again = fill(api, row, times=times).json()
    assert (again["started"], [one["outcome"] for one in again["left"]]) == ([], ["not_finished"] * 2)
    assert [one["state"] for one in preview(api, row).json()["times"]] == ["has_run"] * 2
    assert Run.objects.count() == 2


def test_where_money_moves_the_number_is_needed(api, money):
    workflow = lifecycle.create(scheduled(money, repeats="hours", every=1))
    lifecycle.activate(workflow)
    row = Schedule.objects.get(workflow=workflow)
    times = [one["at"] for one in preview(api, row).json()["times"]]
    refused = fill(api, row, times=times)
    assert (refused.status_code, refused.json()["error"]["code"]) == (409, "confirmation")
    assert fill(api, row, times=times, confirm=2).status_code == 201


@pytest.mark.parametrize("body", [{}, {"times": []}, {"again": ["2026-01-01T00:00:00Z"]}, {"times": ["x"]}])
def test_what_cannot_be_read_is_refused(api, body):
    assert fill(api, hourly(), **body).status_code == 400
    assert not Run.objects.exists()
