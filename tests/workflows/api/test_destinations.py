import pytest

from stripeflow.triggers import encryption
from stripeflow.workflows.models import DestinationSecret, EventDelivery

pytestmark = pytest.mark.django_db

NEW = {"title": "Warehouse", "url": "https://example.com/webhooks", "events": ["run.failed"]}
NAMES = ("view_run", *(f"{verb}_eventdestination" for verb in ("view", "add", "change", "delete")))


@pytest.fixture
def integrator(api_for, make_user, queue):
    return api_for(make_user(*NAMES, username="integrator"))


@pytest.fixture
def there(integrator):
    return f"event-destinations/{integrator.post('event-destinations/', NEW).json()['id']}/"


def test_it_is_added_and_only_this_answer_has_the_secret(integrator):
    made = integrator.post("event-destinations/", NEW)
    assert made.status_code == 201
    body = made.json()
    assert encryption.decrypted(DestinationSecret.objects.get().value) == body.pop("secret")
    assert body == integrator.get(f"event-destinations/{body['id']}/").json()
    assert integrator.get("event-destinations/").json() == {"results": [body]}
    told = {name: body[name] for name in ("events", "mode", "all_workflows", "workflows", "enabled")}
    assert told == {
        "events": ["run.failed"],
        "mode": "all",
        "all_workflows": True,
        "workflows": [],
        "enabled": True,
    }


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"url": "http://example.com/"}, 409),
        ({"events": ["run.fail"]}, 400),
        ({"events": []}, 400),
        ({"workflows": [4711]}, 409),
        ({"colour": "red"}, 400),
        ({"title": None}, 400),
    ],
)
def test_what_cannot_be_is_refused(integrator, change, status):
    assert integrator.post("event-destinations/", NEW | change).status_code == status


def test_a_change_leaves_what_it_does_not_name(integrator, there):
    changed = integrator("PATCH", there, {"mode": "live"})
    assert changed.status_code == 200
    assert (changed.json()["mode"], changed.json()["events"]) == ("live", ["run.failed"])


def test_a_test_event_is_read_and_sent_again(integrator, there):
    made = integrator.post(f"{there}ping/").json()
    where = f"deliveries/{made['id']}/"
    assert integrator.get(where).json() == made
    assert (made["type"], made["status"], made["tries"]) == ("destination.ping", "pending", [])
    assert integrator.post(f"{where}send-again/").status_code == 409
    EventDelivery.objects.update(status="failed", next_at=None)
    assert integrator.get("deliveries/?status=pending").json()["results"] == []
    assert integrator.post(f"{where}send-again/").json()["status"] == "pending"
    [listed] = integrator.get(f"deliveries/?destination={made['destination']}").json()["results"]
    assert listed["message_id"] == made["message_id"]


def test_it_is_disabled_enabled_rotated_and_deleted(integrator, there):
    assert integrator.post(f"{there}disable/").json()["disabled_because"] == "person"
    assert integrator.post(f"{there}ping/").status_code == 409
    assert integrator.post(f"{there}enable/").json()["enabled"] is True
    assert integrator.post(f"{there}rotate/").json()["secret"].startswith("whsec_")
    assert DestinationSecret.objects.count() == 2
    assert integrator("DELETE", there).status_code == 200
    assert integrator.get(there).status_code == 404
