import pytest
from django.contrib.admin.models import LogEntry

from stripeflow.actions.models import Reason, Suppression
from stripeflow.workflows.suppressions import changes
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill

pytestmark = pytest.mark.django_db

KEEPER = ("view_suppression", "add_suppression", "delete_suppression")


@pytest.fixture
def keeper(client_with):
    return client_with(*KEEPER, username="keeper")


def test_an_address_is_added_found_and_removed(keeper):
    fill(
        keeper, address("suppression", "add"), "suppression_form", address="Jane@Example.com", note="Ticket 7"
    )
    entry = Suppression.objects.get()
    assert (entry.address, entry.reason, entry.note) == ("jane@example.com", Reason.MANUAL, "Ticket 7")
    listed = keeper.get(address("suppression", "changelist", q="jane@")).content.decode()
    assert f'<a href="{address(entry)}' in listed
    assert keeper.get(address(entry)).status_code == 200
    keeper.post(address(entry, "delete"), {"post": "yes"})
    assert not Suppression.objects.exists()
    # Django's own log keeps names of rows for ever.
    assert not LogEntry.objects.exists()


def test_two_addresses_are_refused(keeper):
    page = fill(keeper, address("suppression", "add"), "suppression_form", address="a@b.example, c@d.example")
    assert "not one e-mail address" in page.content.decode()
    assert not Suppression.objects.exists()


def test_what_is_there_already_is_said(keeper):
    changes.add("jane@example.com")
    page = fill(keeper, address("suppression", "add"), "suppression_form", address="JANE@example.com")
    assert page.status_code == 200
    assert Suppression.objects.count() == 1


@pytest.mark.parametrize(
    ("names", "view"),
    [
        ((), "changelist"),
        (("view_suppression",), "add"),
        (("add_suppression", "delete_suppression"), "changelist"),
    ],
)
def test_each_page_needs_its_permission(client_with, names, view):
    assert client_with(*names).get(address("suppression", view)).status_code == 403


def test_removing_needs_its_own_permission(client_with):
    entry, _is_new = changes.add("jane@example.com")
    client = client_with("view_suppression", "add_suppression")
    assert client.post(address(entry, "delete"), {"post": "yes"}).status_code == 403
    assert Suppression.objects.exists()
