import pytest

from stripeflow.triggers.models import Event
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def blind(api_for, make_user):
    return api_for(make_user("view_event", "view_run", username="blind"))


def active(name, amount):
    large = group(compare("trigger.amount", "greater_than", usd(amount)))
    workflow = lifecycle.create(document(action("one", text="a"), name=name, conditions=large))
    lifecycle.activate(workflow)
    return workflow


def test_lists_events_without_payloads(api):
    event = accept(payment())
    row = api.get("events/").json()["results"][0]
    assert (row["id"], row["event_id"], row["object_id"]) == (event.pk, event.external_id, "pi_test")
    assert "payload" not in row


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("type=payment_intent.succeeded", True),
        ("type=no", False),
        ("object_id=pi_test", True),
        ("account=acct_1", False),
        ("created_after=2020-01-01T00:00:00Z", True),
        ("created_before=2020-01-01T00:00:00Z", False),
    ],
)
def test_filters_events(api, query, found):
    accept(payment())
    assert bool(api.get(f"events/?{query}").json()["results"]) is found


def test_reads_an_event_by_either_id(api):
    event = accept(payment())
    ours, stripes = api.get(f"events/{event.pk}/"), api.get(f"events/{event.external_id}/")
    assert ours.json() == stripes.json()
    assert ours.json()["payload"]["data"]["object"]["id"] == "pi_test"


def test_of_several_events_of_one_id_the_newest_is_read_and_each_by_ours(api):
    shared = "evt_00000000000000"
    older, newer = accept(payment(), id=shared), accept(payment(id="pi_other"), id=shared)
    assert api.get(f"events/{shared}/").json()["id"] == newer.pk
    assert api.get(f"events/{shared}/why/").json()["event"]["id"] == newer.pk
    assert api.get(f"events/{older.pk}/").json()["object_id"] == "pi_test"
    assert {one["id"] for one in api.get(f"events/?event_id={shared}").json()["results"]} == {
        older.pk,
        newer.pk,
    }


def test_ids_that_are_too_long_for_their_columns_are_found(api):
    ids = {name: f"{name}_" + "x" * 400 for name in ("event_id", "object_id", "account", "type")}
    event = accept(payment(id=ids["object_id"]), id=ids["event_id"], account=ids["account"], type=ids["type"])
    assert api.get(f"events/{ids['event_id']}/").json()["id"] == event.pk
    for name, value in ids.items():
        assert [one["id"] for one in api.get(f"events/?{name}={value}").json()["results"]] == [event.pk]
        assert api.get(f"events/?{name}={value}y").json()["results"] == []


def test_without_the_permission_the_payload_is_left_out_and_said_so(blind):
    event = accept(payment())
    response = blind.get(f"events/{event.pk}/")
    assert (response.json()["payload_hidden"], response.json()["payload"]) == (True, None)
    assert "cus_test" not in response.content.decode()


def test_what_an_events_errors_say_needs_the_permission(api, blind):
    event = accept(payment())
    Event.objects.update(match_error="ValueError: Jane", mirror_error="No such customer: Jane.")
    found = api.get(f"events/{event.pk}/").json()
    assert (found["match_error"], found["mirror_error"]) == ("ValueError: Jane", "No such customer: Jane.")
    hidden = blind.get(f"events/{event.pk}/").json()
    for name in ("match_error", "mirror_error"):
        assert hidden[name].startswith("There was an error.")
        assert "Jane" not in hidden[name]


@pytest.mark.parametrize("key", ["0", "evt_no", "9" * 40, "²", "%00", "evt%20x"])
def test_an_event_that_there_is_not_is_404(api, key):
    assert api.get(f"events/{key}/").status_code == 404


def test_tells_why_workflows_ran_or_not(api, recorder, queue):
    active("Met", 1), active("Not met", 99_999)
    event = accept(payment())
    late = active("Late", 1)
    body = api.get(f"events/{event.pk}/why/").json()
    found = {verdict["workflow"]["name"]: verdict for verdict in body["verdicts"]}
    assert found["Met"]["reason"] == "started"
    assert found["Met"]["run"] is not None
    assert found["Not met"]["reason"] == "not_met"
    assert "$99,999.00 USD" in found["Not met"]["explanation"]["children"][0]["reason"]
    assert all(verdict["message"].endswith(".") for verdict in body["verdicts"])
    assert late.name in found


def test_values_in_why_need_the_permission(blind, recorder, queue):
    active("Not met", 99_999)
    verdict = blind.get(f"events/{accept(payment()).pk}/why/").json()["verdicts"][0]
    assert (verdict["reason"], verdict["explanation"]) == ("not_met", None)
