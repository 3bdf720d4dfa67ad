import re

import pytest
from django.urls import reverse

from stripeflow.triggers import encryption
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.destinations import changes
from stripeflow.workflows.destinations.changes import Wanted, events_of
from stripeflow.workflows.models import AuditEntry, DestinationSecret, EventDelivery, EventDestination
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill

pytestmark = pytest.mark.django_db

NAMES = ("view_run", *(f"{verb}_eventdestination" for verb in ("view", "add", "change", "delete")))
BOXES = {
    "title": "Warehouse",
    "url": "https://example.com/webhooks",
    "events": ["run.failed", "run.canceled"],
    "all_workflows": "on",
}


@pytest.fixture(autouse=True)
def _queue(queue):
    return queue


@pytest.fixture
def integrator(client_with):
    return client_with(*NAMES, username="integrator")


@pytest.fixture
def row():
    return changes.add(
        Wanted("Warehouse", "https://example.com/webhooks", ("run.failed",)), NOBODY
    ).destination


def shown_secret(page):
    [secret] = re.findall(r"whsec_[A-Za-z0-9+/=]{30,}", page.content.decode())
    assert page["Cache-Control"].startswith("no-store, private")
    return secret


def test_it_is_added_and_its_secret_shown_once(integrator):
    page = fill(integrator, address("eventdestination", "add"), "eventdestination_form", **BOXES)
    row = EventDestination.objects.get()
    assert events_of(row) == ("run.failed", "run.canceled")
    assert row.author_name == "integrator"
    secret = shown_secret(page)
    assert encryption.decrypted(DestinationSecret.objects.get().value) == secret
    for url in (address(row), address("eventdestination", "changelist"), address(row, "history")):
        assert secret not in integrator.get(url).content.decode()


@pytest.mark.parametrize(
    ("boxes", "said"),
    [
        ({"url": "http://example.com/"}, "https"),
        ({"url": "https://localhost/"}, "public Internet"),
        ({"events": []}, "required"),
        ({"all_workflows": ""}, "at least one"),
    ],
)
def test_what_cannot_be_is_said_at_the_field(integrator, boxes, said):
    page = fill(integrator, address("eventdestination", "add"), "eventdestination_form", **(BOXES | boxes))
    assert page.status_code == 200
    assert said in page.content.decode()
    assert not EventDestination.objects.exists()


def test_what_is_wanted_is_changed_and_shown_as_it_is(integrator, row):
    boxes = {"events": ["run.succeeded"], "mode": "live", "all_workflows": "on"}
    fill(integrator, address(row), "eventdestination_form", **boxes)
    row.refresh_from_db()
    assert (events_of(row), row.livemode) == (("run.succeeded",), True)
    page = integrator.get(address(row)).content.decode()
    assert re.search(r'value="run.succeeded"[^>]*checked', page)
    assert not re.search(r'value="run.failed"[^>]*checked', page)


def test_buttons_rotate_try_and_disable(integrator, row):
    first = shown_secret(integrator.post(address(row, "rotate")))
    second = shown_secret(integrator.post(address(row, "rotate"), {"at_once": "1"}))
    assert first != second
    answer = integrator.post(address(row, "ping"), follow=True)
    assert "Test event" in answer.content.decode()
    integrator.post(address(row, "disable"))
    assert EventDelivery.objects.get().status == "canceled"
    assert "Enable it first" in integrator.post(address(row, "ping"), follow=True).content.decode()
    integrator.post(address(row, "enable"))
    integrator.post(address(EventDelivery.objects.get(), "send_again"))
    assert EventDelivery.objects.get().status == "pending"


@pytest.mark.parametrize("name", ["rotate", "ping", "disable", "enable"])
def test_nothing_happens_by_looking(integrator, row, name):
    assert integrator.get(address(row, name)).status_code == 404


def test_who_only_views_sees_no_buttons(client_with, row):
    viewer = client_with("view_eventdestination", username="viewer")
    page = viewer.get(address(row))
    assert page.status_code == 200
    assert "Rotate secret" not in page.content.decode()
    assert viewer.post(address(row, "rotate")).status_code == 403
    # What is sent tells of runs.
    assert viewer.get(reverse("admin:stripeflow_workflows_eventdelivery_changelist")).status_code == 403


def test_the_lists_are_shown(integrator, row):
    changes.ping(row, NOBODY)
    for model in ("eventdestination", "eventdelivery"):
        page = integrator.get(address(model, "changelist"))
        assert page.status_code == 200
        assert "Warehouse" in page.content.decode()
    filtered = address("eventdelivery", "changelist") + f"?destination__id__exact={row.pk}&event=run.failed"
    assert "Warehouse" not in integrator.get(filtered).content.decode().partition("result_list")[2]


def test_sending_again_from_the_list_leaves_a_row(integrator, row):
    changes.ping(row, NOBODY)
    EventDelivery.objects.update(status="failed", next_at=None)
    chosen = {"action": "send_again", "_selected_action": [EventDelivery.objects.get().pk], "index": 0}
    integrator.post(address("eventdelivery", "changelist"), chosen)
    assert AuditEntry.objects.first().kind == "destination.sent_again"
    integrator.post(address("eventdelivery", "changelist"), chosen)
    assert AuditEntry.objects.filter(kind="destination.sent_again").count() == 1


def test_each_row_of_a_list_leads_to_its_page(integrator, row):
    delivery = changes.ping(row, NOBODY)
    for one in (row, delivery):
        listed = integrator.get(address(one._meta.model_name, "changelist")).content.decode()
        assert f'href="{address(one)}' in listed
