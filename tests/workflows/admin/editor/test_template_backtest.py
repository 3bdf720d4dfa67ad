"""A template is tried on stored events, with its parameters filled in, before anything is saved."""

import pytest
from django.core.cache import cache

from stripeflow.triggers.costly import turn
from stripeflow.workflows.models import AuditEntry, Run, Workflow
from stripeflow.workflows.workflow_templates import templates
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import form_with
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("queue")]
CREATES = "add_workflow"
TRIES = (CREATES, "view_event", "view_payload")


@pytest.fixture(autouse=True)
def no_turns():
    cache.clear()
    yield
    cache.clear()


def page_of(key="personalize_orders"):
    return f"{address('workflow', 'templates')}{key}/"


def tried(client, minimum="1,000.00", key="personalize_orders", **given):
    """The page after “Back-test”, with the form as it is offered but for what is given."""
    form = form_with(client.get(page_of(key)), "minimum_amount")
    form |= {"minimum_amount": minimum, "minimum_currency": "usd", "backtest": "1", **given}
    return client.post(page_of(key), form)


def paid(amount, **fields):
    return accept(payment(amount, **fields), livemode=True)


def test_it_counts_what_a_workflow_with_these_parameters_would_have_started_on(client_with):
    large = paid(200_000)
    paid(50_000)
    accept(payment(300_000), livemode=False)
    client = client_with(*TRIES)
    rows = AuditEntry.objects.count()
    shown = tried(client)
    assert [match.event_id for match in shown.context["found"].matches] == [large.external_id]
    text = shown.content.decode()
    assert "of 2 events would have started it." in text
    assert address("workflow", "templates") in text
    assert len(tried(client, minimum="100.00").context["found"].matches) == 2
    assert not Workflow.objects.exists()
    assert not Run.objects.exists()
    assert AuditEntry.objects.count() == rows


def test_what_was_filled_in_stays_in_the_form_and_is_what_is_made(client_with):
    client = client_with(*TRIES)
    shown = tried(client, minimum="777.00", name="Mine")
    form = form_with(shown, "minimum_amount")
    assert (form["minimum_amount"], form["name"]) == ("777.00", "Mine")
    client.post(page_of(), form)
    made = Workflow.objects.get()
    assert (made.name, made.trigger.conditions.get().value["amount"]) == ("Mine", 77_700)


def test_wrong_parameters_are_said_and_nothing_is_tried(client_with):
    shown = tried(client_with(*TRIES), minimum="much")
    assert "“much” is not an amount" in shown.content.decode()
    assert "found" not in shown.context


@pytest.mark.parametrize("may", [(CREATES,), (CREATES, "view_event"), (CREATES, "view_payload")])
def test_it_needs_the_permissions_to_view_events_and_to_see_payloads(client_with, may):
    client = client_with(*may)
    client.raise_request_exception = False
    assert b'name="backtest"' not in client.get(page_of()).content
    assert tried(client).status_code == 403
    assert not Workflow.objects.exists()


def test_one_at_a_time_for_each_person(client_with, user_with):
    client = client_with(*TRIES)
    with turn(client.get(page_of()).wsgi_request.user):
        assert tried(client).status_code == 429
    assert tried(client).status_code == 200


@pytest.mark.parametrize("key", ["refund_on_request", "weekly_report"])
def test_what_a_person_or_a_schedule_starts_has_no_back_test(client_with, key):
    shown = client_with(*TRIES).get(page_of(key)).content.decode()
    assert 'name="backtest"' not in shown
    assert key in [one.key for one in templates()]
