"""Testing and back-testing by the API."""

import pytest

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
SIZES = branch(
    "size", way("large", LARGE, action("big", text="{{ trigger.customer }}")), otherwise=(action("small"),)
)


@pytest.fixture
def workflow(recorder, queue):
    return lifecycle.create(document(SIZES))


def asked(api, workflow, body, name="test", status=200):
    response = api.post(f"workflows/{workflow.pk}/{name}/", body)
    assert response.status_code == status, response.content
    return response.json()


def test_tells_the_way_of_a_stored_event(api, workflow, recorder):
    event = accept(payment())
    found = asked(api, workflow, {"event": event.external_id})
    assert (found["starts"], found["end"], found["sample"]) == (True, "done", False)
    assert (found["event_id"], found["version"]) == (event.external_id, None)
    (size,) = found["steps"]
    assert [one["state"] for one in size["branches"]] == ["taken", "not_needed"]
    assert size["branches"][0]["explanation"]["children"][0]["seen"] == 200_000
    (big,) = size["branches"][0]["steps"]
    assert (big["state"], big["inputs"]) == ("would_run", {"text": "cus_test"})
    assert recorder.calls == []
    assert not Run.objects.exists()


def test_a_sample_needs_no_event(api, workflow):
    found = asked(api, workflow, {"sample": True})
    assert (found["sample"], found["event_id"]) == (True, None)


def test_a_payload_can_be_given(api, workflow):
    payload = {"id": "evt_mine", "data": {"object": payment(100)}}
    found = asked(api, workflow, {"payload": payload})
    assert [one["state"] for one in found["steps"][0]["branches"]] == ["not_taken", "taken"]


@pytest.mark.parametrize(
    "payload",
    [
        {"type": None, "data": {"object": payment()}},
        {"type": "charge.succeeded", "data": {"object": payment()}},
        {"data": {"object": {"object": "charge"}}},
        {"object": "charge", "id": "ch_1"},
    ],
)
@pytest.mark.parametrize("anyway", [False, True])
def test_another_event_never_starts_it(api, workflow, payload, anyway):
    found = asked(api, workflow, {"payload": payload, "anyway": anyway})
    assert (found["starts"], found["trigger"], found["end"]) == (False, "not_met", "not_started")
    assert "The workflow starts on" in found["other_event"]
    assert [way["state"] for way in found["steps"][0]["branches"]] == ["not_reached", "not_reached"]


@pytest.mark.parametrize(
    "payload", [{"data": None}, {"data": {"object": []}}, {"type": "x", "object": "event"}]
)
def test_a_payload_that_is_no_event_is_refused(api, workflow, payload):
    payload = {**payload, "type": "payment_intent.succeeded"}
    (problem,) = asked(api, workflow, {"payload": payload}, status=400)["error"]["problems"]
    assert (problem["path"], problem["code"]) == ("/payload/data/object", "no_event")


def test_the_bare_object_of_an_event_is_a_payload(api, workflow):
    found = asked(api, workflow, {"payload": payment(100)})
    assert [one["state"] for one in found["steps"][0]["branches"]] == ["not_taken", "taken"]


def test_goes_on_anyway_if_asked(api, recorder, queue):
    workflow = lifecycle.create(document(action("one", text="a"), conditions=LARGE))
    payload = {"data": {"object": payment(100)}}
    found = asked(api, workflow, {"payload": payload})
    assert (found["trigger"], found["end"], found["steps"][0]["state"]) == (
        "not_met",
        "not_started",
        "not_reached",
    )
    found = asked(api, workflow, {"payload": payload, "anyway": True})
    assert (found["starts"], found["steps"][0]["state"]) == (False, "would_run")


def test_made_up_outputs_say_so(api, queue):
    workflow = lifecycle.create(document(action("get", "stripe.charges.retrieve", charge="ch_1")))
    outputs = asked(api, workflow, {"sample": True})["steps"][0]["outputs"]
    assert (outputs["origin"], outputs["event_id"], outputs["value"]["id"]) == ("sample", None, "ch_1")


def test_a_version_can_be_tried(api, workflow):
    lifecycle.activate(workflow)
    assert asked(api, workflow, {"sample": True, "version": 1})["version"] == 1
    asked(api, workflow, {"sample": True, "version": 2}, status=404)


def test_secret_inputs_are_hidden(api, recorder, queue):
    secret = recording_action(recorder, key="test.secret")
    secret.inputs = (StringInput("text", label="Text", secret=True),)
    with registry.temporarily(secret):
        workflow = lifecycle.create(document(action("one", "test.secret", text={"secret": "sword"})))
        found = asked(api, workflow, {"sample": True})
    assert found["steps"][0]["inputs"] == {"text": "••••"}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"sample": False},
        {"event": "evt_1", "sample": True},
        {"payload": []},
        {"event": 3.5, "version": 0},
        {"sample": True, "more": 1},
    ],
)
def test_a_body_that_says_not_exactly_one_thing_is_refused(api, workflow, body):
    asked(api, workflow, body, status=400)


def test_an_event_that_never_arrived_is_404(api, workflow):
    asked(api, workflow, {"event": "evt_never"}, status=404)


def test_an_event_of_another_type_is_409(api, workflow):
    other = accept(payment(), type="payment_intent.created")
    error = asked(api, workflow, {"event": other.external_id}, status=409)["error"]
    assert "does not start on events of the type" in error["message"]


def test_a_draft_on_stored_events_needs_payloads(api_for, make_user, workflow):
    event = accept(payment())
    api = api_for(make_user("view_workflow", "view_event"))
    asked(api, workflow, {"event": event.external_id}, status=403)
    asked(api, workflow, {"days": 7}, "backtest", status=403)
    asked(api, workflow, {"sample": True})


def test_stored_events_are_tried_only_by_who_may_see_payloads(api_for, make_user, workflow):
    """Also on a version: its conditions may be one's own, and would tell what payloads hold."""
    lifecycle.activate(workflow)
    event = accept(payment(234_567, customer="cus_secret"))
    api = api_for(make_user("view_workflow", "view_event"))
    for version in ({}, {"version": 1}):
        asked(api, workflow, {"event": event.external_id, **version}, status=403)
        asked(api, workflow, {"days": 7, **version}, "backtest", status=403)


def test_events_need_their_own_permission(api_for, make_user, workflow):
    lifecycle.activate(workflow)
    event = accept(payment())
    api = api_for(make_user("view_workflow"))
    asked(api, workflow, {"event": event.external_id, "version": 1}, status=403)
    asked(api, workflow, {"days": 7, "version": 1}, "backtest", status=403)


def test_back_tests(api, queue):
    refund = action("refund", "stripe.refunds.create", charge="ch_1", amount="{{ trigger.amount }}")
    workflow = lifecycle.create(document(refund, conditions=LARGE))
    event = accept(payment(200_000))
    accept(payment(100))
    found = asked(api, workflow, {"days": 7}, "backtest")
    assert (found["total"], found["looked_at"], found["matched"], found["not_met"]) == (2, 2, 1, 1)
    assert found["moved"] == [{"amount": 200_000, "currency": "usd"}]
    (match,) = found["matches"]
    assert (match["event_id"], match["moved"]) == (event.external_id, found["moved"])


def test_back_tests_list_as_many_matches_as_asked(api, workflow):
    for _number in range(3):
        accept(payment())
    found = asked(api, workflow, {"days": 7, "limit": 2}, "backtest")
    assert (found["matched"], len(found["matches"])) == (3, 2)


@pytest.mark.parametrize("body", [{}, {"days": 0}, {"days": 9999}, {"days": 7, "limit": -1}])
def test_back_tests_are_bounded(api, workflow, body):
    asked(api, workflow, body, "backtest", status=400)
