"""The page of the replay: choosing, the preview, and the confirmation of what was shown."""

import re
import time

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.messages import get_messages
from django.urls import reverse

from stripeflow.workflows.admin.runs import replaying
from stripeflow.workflows.admin.runs.operating import now_text
from stripeflow.workflows.admin.runs.replay_form import ReplayForm
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.replay import MAX_EVENTS
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

REPLAY = reverse("admin:stripeflow_workflows_run_replay")
LIST = reverse("admin:stripeflow_workflows_run_changelist")
LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
MAY = ("view_run", "view_workflow", "change_run", "view_event", "view_payload")
STEP = action("one", text="a")
PRIVATE = 4_321


@pytest.fixture
def operator(client_for):
    return client_for(*MAY, username="operator")


@pytest.fixture
def workflow():
    workflow = lifecycle.create(document(STEP, conditions=LARGE, name="Large"))
    lifecycle.activate(workflow)
    return workflow


def older(amount=200_000, **options):
    """An event of two hours ago, before anything was active."""
    return accept(payment(amount), created=time.time() - 7200, **options)


def show(client, workflow, **boxes):
    return client.post(REPLAY, {"workflow": workflow.pk, **boxes})


def confirm(client, page, **boxes):
    """Press the button of the preview; what the next page says."""
    form = page.content.decode().split('class="sf-operate"')[1].split("</form>")[0]
    sent = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form))
    response = client.post(REPLAY, {**sent, "start": "1", **boxes})
    return response, [str(one) for one in get_messages(response.wsgi_request)]


def by_ids(*events):
    return " ".join(event.external_id for event in events)


def test_shows_what_would_start_and_starts_nothing(operator, workflow):
    large, small = older(), older(PRIVATE)
    page = show(operator, workflow, since="2000-01-01T00:00").content.decode()
    for part in (large.external_id, small.external_id, "<b>1</b> A run would start.", "Start 1 run<"):
        assert part in page
    assert "The trigger conditions are not met." in page
    assert not Run.objects.exists()


def test_which_events_start_is_shown_only_to_who_may_see_payloads(client_for, operator, workflow):
    older(PRIVATE)
    span = {"since": "2000-01-01T00:00"}
    assert "43.21" in show(operator, workflow, **span).content.decode()
    assert show(client_for(*MAY[:-1], username="blind"), workflow, **span).status_code == 403


def test_starts_what_was_shown_and_keeps_who_and_why(operator, workflow):
    event = older()
    page = show(operator, workflow, ids=event.external_id)
    later = older()
    response, said = confirm(operator, page, note="The endpoint was off.")
    run = Run.objects.get()
    assert (run.event, run.version) == (event, workflow.active_version)
    assert said == ["1 run was started by a replay on version 1."]
    assert response["Location"] == f"{LIST}?workflow__id__exact={workflow.pk}"
    assert [(one.kind, one.note, one.user) for one in run.operations.all()] == [
        ("replay", "The endpoint was off.", operator.user)
    ]
    assert LogEntry.objects.get().get_change_message() == said[0]
    assert not Run.objects.filter(event=later).exists()


def test_a_span_that_has_grown_since_starts_only_what_was_shown(operator, workflow):
    event = older()
    page = show(operator, workflow, since="2000-01-01T00:00")
    older()
    confirm(operator, page)
    assert [run.event for run in Run.objects.all()] == [event]


def test_a_second_click_starts_nothing_twice(operator, workflow):
    page = show(operator, workflow, ids=older().external_id)
    confirm(operator, page)
    _response, said = confirm(operator, page)
    assert said[-1] == "1 event was left alone: A run of the workflow for this event is not finished."
    assert Run.objects.count() == 1


def test_once_more_only_if_asked_to_and_a_second_click_does_it_once(operator, workflow):
    event = accept(payment())
    execute(Run.objects.get().pk)
    page = show(operator, workflow, ids=event.external_id)
    assert "has run for this event already" in page.content.decode()
    assert 'name="start"' not in page.content.decode()
    page = show(operator, workflow, ids=event.external_id, again="on")
    confirm(operator, page)
    new = Run.objects.get(rerun_of__isnull=False)
    execute(new.pk)
    confirm(operator, page)
    assert Run.objects.count() == 2


def test_another_version_that_was_activated_meanwhile_stops_it(operator, workflow):
    page = show(operator, workflow, ids=older().external_id)
    lifecycle.activate(workflow)
    _response, said = confirm(operator, page)
    assert said == ["Another version was activated meanwhile. Look at the preview again."]
    assert not Run.objects.exists()


def test_a_version_that_was_named_is_the_one_that_runs(operator, workflow):
    first = workflow.active_version
    lifecycle.activate(workflow)
    confirm(operator, show(operator, workflow, ids=older().external_id, number="1"))
    assert Run.objects.get().version == first


def test_names_the_ids_that_never_arrived(operator, workflow):
    page = show(operator, workflow, ids=f"evt_nobody, {older().external_id}").content.decode()
    assert "1 of the IDs never arrived" in page
    assert "evt_nobody</code>" in page
    assert "Start 1 run<" in page


def test_says_that_the_span_has_more(operator, workflow, monkeypatch):
    first, second = older(), older()
    for name in (
        "stripeflow.workflows.operations.replay.MAX_EVENTS",
        "stripeflow.workflows.operations.replay_choice.MAX_EVENTS",
    ):
        monkeypatch.setattr(name, 1)
    page = show(operator, workflow, since="2000-01-01T00:00").content.decode()
    assert "the period has newer ones" in page
    assert first.external_id in page
    assert second.external_id not in page


def test_the_list_has_pages_and_the_button_means_all_of_them(operator, workflow, monkeypatch):
    monkeypatch.setattr(replaying, "PAGE_SIZE", 1)
    events = [older(), older()]
    page = show(operator, workflow, ids=by_ids(*events), page="2")
    assert "Page 2 of 2" in page.content.decode()
    assert page.content.decode().count("sf-verdict-would_start") == 1
    confirm(operator, page)
    assert Run.objects.count() == 2


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ({}, "Name events by their IDs, or say since when."),
        ({"since": "2026-01-02T00:00", "until": "2026-01-01T00:00"}, "The span ends before it begins."),
        ({"since": "yesterday"}, "Enter a valid date/time."),
        ({"ids": "evt_" + "x" * 300}, "too long to be an ID"),
        ({"ids": " ".join(f"evt_{n}" for n in range(MAX_EVENTS + 1))}, "these are 501"),
        ({"ids": "evt_1", "number": "7"}, "no such version"),
        ({"ids": "evt_\x00"}, "Null characters are not allowed."),
    ],
)
def test_what_can_not_be_looked_up_is_said(operator, workflow, boxes, said):
    response = show(operator, workflow, **boxes)
    assert response.status_code == 200
    assert said in response.content.decode().replace("&#x27;", "'")


def test_a_workflow_that_can_not_run_is_not_offered(workflow):
    assert list(ReplayForm().fields["workflow"].queryset) == [workflow]
    Workflow.objects.update(status="archived")
    assert not ReplayForm().fields["workflow"].queryset


def test_held_runs_are_reported(operator, workflow):
    from stripeflow.workflows.limits import pausing

    pausing.pause(workflow.pk, "To look.")
    _response, said = confirm(operator, show(operator, workflow, ids=older().external_id))
    assert "1 of them is held." in said


@pytest.mark.parametrize("names", [MAY[:2] + MAY[3:], MAY[:3] + MAY[4:], MAY[:4]])
def test_needs_the_permissions(client_for, workflow, names):
    event, client = older(), client_for(*names, username="less")
    assert client.get(REPLAY).status_code == 403
    sent = {"start": "1", "version": workflow.active_version_id, "events": event.pk, "seen_at": now_text()}
    assert client.post(REPLAY, sent).status_code == 403
    assert not Run.objects.exists()


def test_what_moves_money_is_shown_but_started_only_with_the_permission(client_for, operator, money):
    workflow = lifecycle.create(document(money))
    lifecycle.activate(workflow)
    event = older()
    page = show(operator, workflow, ids=event.external_id).content.decode()
    assert "needs the permission" in page
    assert 'name="start"' not in page
    sent = {"start": "1", "version": workflow.active_version_id, "events": event.pk, "seen_at": now_text()}
    assert operator.post(REPLAY, sent).status_code == 403
    both = client_for(*MAY, "run_money_moving_workflow", username="both")
    confirm(both, show(both, workflow, ids=event.external_id))
    assert Run.objects.count() == 1


@pytest.mark.parametrize(
    "boxes",
    [
        {"events": ""},
        {"events": "1,x"},
        {"events": ",".join(map(str, range(MAX_EVENTS + 1)))},
        {"version": "0"},
        {"version": "99999999"},
        {"seen_at": ""},
    ],
)
def test_a_form_that_is_none_of_ours_does_nothing(operator, workflow, boxes):
    sent = {"version": workflow.active_version_id, "events": older().pk, "seen_at": now_text(), "start": "1"}
    assert operator.post(REPLAY, {**sent, **boxes}).status_code == 404
    assert not Run.objects.exists()


def test_lists_and_events_lead_there(client_for, operator, browser, workflow):
    event = older()
    runs = f"{LIST}?workflow__id__exact={workflow.pk}"
    assert f'{REPLAY}?workflow={workflow.pk}"' in operator.get(runs).content.decode()
    assert REPLAY not in browser.get(runs).content.decode()
    inbox = reverse("admin:stripeflow_triggers_event_change", args=[event.pk])
    assert f"{REPLAY}?ids={event.external_id}" in operator.get(inbox).content.decode()
    page = operator.get(REPLAY, {"ids": event.external_id, "workflow": workflow.pk}).content.decode()
    assert event.external_id in page
    assert f'<option value="{workflow.pk}" selected>' in page
