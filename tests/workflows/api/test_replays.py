"""Replays by the API: the preview, and the start that may be repeated."""

import time

import pytest

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.replay import MAX_EVENTS
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
STEP = action("one", text="a")
LONG_AGO = "2000-01-01T00:00:00Z"


@pytest.fixture
def workflow():
    workflow = lifecycle.create(document(STEP, conditions=LARGE, name="Large"))
    lifecycle.activate(workflow)
    return workflow


def older(amount=200_000, **options):
    return accept(payment(amount), created=time.time() - 7200, **options)


def code(response):
    return response.status_code, response.json()["error"]["code"]


def test_a_preview_says_what_would_start_and_starts_nothing(api, workflow):
    large, small = older(), older(1)
    body = api.post("replays/preview/", {"workflow": workflow.pk, "since": LONG_AGO}).json()
    assert (body["workflow"]["name"], body["version"], body["would_start"]) == ("Large", 1, 1)
    assert [(one["event"]["event_id"], one["outcome"], one["run"]) for one in body["results"]] == [
        (large.external_id, "would_start", None),
        (small.external_id, "not_met", None),
    ]
    assert (body["missing"], body["more"]) == ([], False)
    assert not Run.objects.exists()


def test_which_events_start_is_told_only_to_who_may_see_payloads(api, api_for, make_user, workflow):
    older(4_321)
    body = {"workflow": workflow.pk, "since": LONG_AGO}
    plain = api_for(make_user("change_run", "view_event", username="plain"))
    (seen,) = api.post("replays/preview/", body).json()["results"]
    assert "43.21" in str(seen["explanation"])
    assert code(plain.post("replays/preview/", body)) == (403, "permission_denied")
    assert code(plain.post("replays/", body)) == (403, "permission_denied")


def test_starts_the_runs_with_a_note_and_may_be_repeated(api, workflow):
    event = older()
    sent = {"workflow": workflow.pk, "events": [event.external_id, "evt_nobody"], "note": "Late."}
    response = api.post("replays/", sent)
    body, run = response.json(), Run.objects.get()
    assert response.status_code == 201
    assert [(one["event"]["event_id"], one["run"], one["status"]) for one in body["started"]] == [
        (event.external_id, str(run.pk), "queued")
    ]
    assert body["missing"] == ["evt_nobody"]
    assert [(one.kind, one.note) for one in run.operations.all()] == [("replay", "Late.")]
    body = api.post("replays/", sent).json()
    assert (body["started"], body["left"][0]["outcome"]) == ([], "not_finished")
    assert body["left"][0]["run"] == str(run.pk)


def test_what_was_started_again_since_it_was_seen_is_left(api, workflow):
    event = accept(payment())
    execute(Run.objects.get().pk)
    seen = api.get("events/").json()["results"][0]["received_at"]
    sent = {"workflow": workflow.pk, "events": [event.external_id], "again": True}
    assert api.post("replays/", {**sent, "seen_at": seen}).json()["left"][0]["outcome"] == "has_run"
    assert len(api.post("replays/", sent).json()["started"]) == 1


def test_a_span_is_bounded_and_says_so(api, workflow):
    first, _second = older(), older()
    sent = {"workflow": workflow.pk, "since": LONG_AGO, "limit": 1}
    body = api.post("replays/preview/", sent).json()
    assert [one["event"]["event_id"] for one in body["results"]] == [first.external_id]
    assert body["more"] is True
    assert api.post("replays/preview/", {**sent, "limit": 2}).json()["more"] is False
    assert api.post("replays/preview/", {**sent, "until": LONG_AGO}).json()["more"] is False


@pytest.mark.parametrize("path", ["replays/", "replays/preview/"])
@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, (400, "invalid")),
        ({"workflow": 10**30, "events": ["evt_1"]}, (400, "invalid")),
        ({"events": []}, (400, "invalid")),
        ({"events": [f"evt_{n}" for n in range(MAX_EVENTS + 1)]}, (400, "invalid")),
        ({"since": "yesterday"}, (400, "invalid")),
        ({"since": LONG_AGO, "limit": MAX_EVENTS + 1}, (400, "invalid")),
        ({"since": LONG_AGO, "dry_run": True}, (400, "invalid")),
        ({"since": None}, (400, "invalid")),
        ({"until": LONG_AGO}, (400, "invalid")),
        ({"limit": 5}, (400, "invalid")),
        ({"events": ["evt_1"], "since": LONG_AGO}, (400, "invalid")),
        ({"events": ["evt_1"], "until": LONG_AGO}, (400, "invalid")),
        ({"events": ["evt_1"], "version": 7}, (409, "not_allowed")),
    ],
)
def test_what_can_not_be_replayed_is_refused(api, workflow, path, body, expected):
    sent = {"workflow": workflow.pk, **body} if body else body
    assert code(api.post(path, sent)) == expected


def test_what_moves_money_is_started_only_with_the_permission(api_for, make_user, money):
    workflow = lifecycle.create(document(money))
    lifecycle.activate(workflow)
    sent = {"workflow": workflow.pk, "events": [older().external_id]}
    may = ("change_run", "view_event", "view_payload")
    plain = api_for(make_user(*may, username="plain"))
    assert plain.post("replays/preview/", sent).json()["would_start"] == 1
    assert code(plain.post("replays/", sent)) == (403, "permission_denied")
    assert not Run.objects.exists()
    both = api_for(make_user(*may, "run_money_moving_workflow", username="both"))
    assert both.post("replays/", sent).status_code == 201
