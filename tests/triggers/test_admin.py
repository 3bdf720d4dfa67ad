import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stripeflow.triggers import inbox
from stripeflow.triggers.models import Event
from tests.triggers.stripe_events import as_json, charge_event

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.triggers.urls")]

LIST = "admin:stripeflow_triggers_event_changelist"
SECRET_TEXT = "<script>Buyer's note</script>"


@pytest.fixture
def event(rung):
    charge = {"id": "ch_1", "object": "charge", "customer": "cus_1", "description": SECRET_TEXT}
    payload = charge_event(data={"object": charge}, account="acct_7", request={"idempotency_key": "our-key"})
    inbox.accept_stripe(charge_event(id="evt_2", data={"object": {"id": "ch_2", "object": "charge"}}))
    return inbox.accept_stripe(payload, raw_body=as_json(payload)).event


def log_in(client, *permissions):
    staff = User.objects.create_user("staff", is_staff=True)
    staff.user_permissions.set(Permission.objects.filter(codename__in=permissions))
    client.force_login(staff)
    return client


@pytest.fixture
def viewer(client):
    return log_in(client, "view_event")


@pytest.fixture
def payload_viewer(client):
    return log_in(client, "view_event", "view_payload")


def page_of(client, event):
    return client.get(reverse("admin:stripeflow_triggers_event_change", args=[event.pk]))


def found(client, term, **filters):
    response = client.get(reverse(LIST), {"q": term, **filters})
    return {row.external_id for row in response.context["cl"].result_list}


def test_the_list_shows_type_object_times_match_and_mirror(viewer, event):
    response = viewer.get(reverse(LIST))
    assert response.status_code == 200
    columns = response.context["cl"].list_display
    assert {"what", "object_id", "created", "received_at", "is_matched", "mirror_state"} <= set(columns)
    assert b"ch_1" in response.content


def test_the_payload_is_hidden_from_a_viewer(viewer, event):
    content = page_of(viewer, event).content.decode()
    assert "evt_1" in content
    assert "cus_1" not in content
    assert "note" not in content


def test_the_payload_is_shown_with_the_permission_and_escaped(payload_viewer, event):
    content = page_of(payload_viewer, event).content.decode()
    assert "cus_1" in content
    assert "&lt;script&gt;Buyer" in content
    assert SECRET_TEXT not in content


def test_what_its_errors_say_is_for_who_may_see_payloads(client, event):
    Event.objects.update(match_error="ValueError: Jane", mirror_error="No such customer: Jane.")
    page = page_of(log_in(client, "view_event"), event).content.decode()
    assert page.count("There was an error.") == 2
    assert "Jane" not in page
    User.objects.get().user_permissions.add(Permission.objects.get(codename="view_payload"))
    assert page_of(client, event).content.decode().count("Jane") == 2


def test_nobody_may_add_change_or_delete(admin_client, event):
    urls = [
        reverse("admin:stripeflow_triggers_event_add"),
        reverse("admin:stripeflow_triggers_event_delete", args=[event.pk]),
    ]
    assert [admin_client.get(url).status_code for url in urls] == [403, 403]
    change = reverse("admin:stripeflow_triggers_event_change", args=[event.pk])
    assert admin_client.post(change, {"type": "other"}).status_code == 403
    assert b'name="_save"' not in admin_client.get(change).content


def test_staff_without_the_permission_see_nothing(client, event):
    log_in(client)
    assert client.get(reverse(LIST)).status_code == 403


@pytest.mark.parametrize("term", ["evt_1", " ch_1 ", "acct_7", "our-key"])
def test_an_event_is_found_by_any_of_its_ids(viewer, event, term):
    assert found(viewer, term) == {"evt_1"}


def test_an_id_inside_the_payload_is_found(payload_viewer, event):
    assert found(payload_viewer, "cus_1") == {"evt_1"}


def test_an_id_inside_the_payload_is_not_for_those_who_may_not_see_it(viewer, event):
    assert found(viewer, "cus_1") == set()


@pytest.mark.parametrize("term", ["cus", "cus_", "Buyer", "descr", "%"])
def test_the_payload_cannot_be_searched_for_other_text(payload_viewer, event, term):
    assert found(payload_viewer, term) == set()


@pytest.mark.parametrize(
    ("matched", "expected"), [("yes", set()), ("no", {"evt_1", "evt_2"}), ("failed", {"evt_1"})]
)
def test_events_are_filtered_by_match(viewer, event, matched, expected):
    event.match_attempts = 1
    event.save()
    assert found(viewer, "", matched=matched) == expected


def test_events_are_filtered_by_mirror_and_type(viewer, event):
    assert found(viewer, "", mirror_state__exact="pending", type="charge.succeeded") == {"evt_1", "evt_2"}
    assert found(viewer, "", mirror_state__exact="failed") == set()


def test_an_event_is_found_by_its_own_id_without_reading_bodies(payload_viewer, event):
    with CaptureQueriesContext(connection) as queries:
        assert found(payload_viewer, "evt_1") == {"evt_1"}
    assert not [one for one in queries if "raw_body" in one["sql"].partition("WHERE")[2]]


@pytest.mark.parametrize(("searched", "expected"), [(1, {"evt_1"}), (0, set())])
def test_only_the_newest_bodies_are_read(payload_viewer, event, monkeypatch, searched, expected):
    monkeypatch.setattr("stripeflow.triggers.models.SEARCHED", searched)
    assert found(payload_viewer, "cus_1") == expected
    assert found(payload_viewer, "ch_1") == {"evt_1"}


def test_bodies_are_read_once_for_an_id_inside_them(payload_viewer, event):
    with CaptureQueriesContext(connection) as queries:
        assert found(payload_viewer, "cus_1") == {"evt_1"}
    assert len([one for one in queries if "raw_body" in one["sql"].partition("WHERE")[2]]) == 1
