import json
import time

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stripeflow.triggers.models import Event
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, compare, document, group, usd
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

SEARCH = "admin:stripeflow_workflows_run_why"


def active(name, amount):
    large = group(compare("trigger.amount", "greater_than", usd(amount)))
    workflow = lifecycle.create(document(action("one", text="a"), name=name, conditions=large))
    lifecycle.activate(workflow)
    return workflow


def with_body(event):
    """The event with its body as it was received, which is what is looked through."""
    Event.objects.filter(pk=event.pk).update(raw_body=json.dumps(event.payload))
    return event


def why(client, event):
    response = client.get(reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_shows_what_each_workflow_made_of_the_event(browser):
    active("Thank", 1), active("Never", 99_999)
    text = why(browser, accept(payment()))
    assert "The workflow started." in text
    assert "The trigger conditions were not met." in text
    assert "which is not greater than $99,999.00 USD." in text
    assert text.index("Never") < text.index("Thank")


def test_without_the_permission_no_value_is_on_the_page(blind):
    active("Never", 99_999)
    text = why(blind, accept(payment(234_567)))
    assert "2,345.67" not in text
    assert "Amount is greater than $99,999.00 USD" in text


def test_one_workflow_alone_can_be_asked_about(browser):
    thank, _never = active("Thank", 1), active("Never", 99_999)
    event = accept(payment())
    url = reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk])
    response = browser.get(url, {"workflow": thank.pk})
    assert [one["workflow"] for one in response.context["verdicts"]] == [thank]
    assert f'href="{url}"' in response.content.decode()


def test_each_verdict_leads_to_a_test_of_the_event(browser, client_for):
    workflow = active("Never", 99_999)
    event = accept(payment())
    test = reverse("admin:stripeflow_workflows_workflow_test", args=[workflow.pk])
    assert f"{test}?event={event.external_id}" in why(browser, event)
    assert "Version 1 was active then." in why(browser, event)
    assert test not in why(client_for("view_run", "view_event", username="runs"), event)


def test_takes_as_many_queries_for_many_workflows_as_for_one(browser):
    active("First", 99_999)
    event = accept(payment())
    why(browser, event)
    with CaptureQueriesContext(connection) as few:
        why(browser, event)
    for number in range(4):
        active(f"Another {number}", 99_999)
    event = accept(payment())
    why(browser, event)
    with CaptureQueriesContext(connection) as many:
        why(browser, event)
    assert len(many) == len(few)


def test_an_event_that_nobody_listens_to_says_so(browser):
    assert "No workflow has ever listened" in why(browser, accept(payment(), type="charge.refunded"))


def test_an_event_of_before_the_activation_can_be_replayed(browser, client_for):
    workflow = active("Thank", 1)
    event = accept(payment(), created=time.time() - 60)
    page = reverse("admin:stripeflow_workflows_run_replay")
    link = f"{page}?workflow={workflow.pk}&amp;ids={event.external_id}"
    text = why(browser, event)
    assert ", when the workflow was activated. It can be replayed." in text
    assert link not in text
    operator = client_for("view_run", "view_event", "change_run", "view_payload", username="operator")
    assert link in why(operator, event)
    lifecycle.deactivate(workflow)
    assert link not in why(operator, event)


def test_an_event_that_there_is_not_is_404(browser):
    assert browser.get(reverse("admin:stripeflow_workflows_run_why_event", args=[0])).status_code == 404


def test_finds_an_event_by_its_id(browser):
    event = accept(payment())
    response = browser.get(reverse(SEARCH), {"event": f" {event.external_id} "})
    assert response.url == reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk])


def test_of_several_events_of_one_id_each_is_offered(browser):
    shared = "evt_00000000000000"
    events = [accept(payment(id=f"pi_{number}"), id=shared) for number in (1, 2)]
    text = browser.get(reverse(SEARCH), {"event": shared}).content.decode()
    for event in events:
        assert event.object_id in text
        assert reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk]) in text


@pytest.mark.parametrize("name", ["external_id", "object_id", "run", "customer", "account"])
def test_any_id_leads_to_the_event_that_has_to_do_with_it(browser, name):
    active("Thank", 1)
    accept(payment(customer="cus_other"))
    event = with_body(accept(payment(id="pi_asked", customer="cus_asked"), account="acct_asked"))
    known = {"run": str(Run.objects.get(event=event).pk), "customer": "cus_asked"}
    response = browser.get(reverse(SEARCH), {"event": known.get(name) or getattr(event, name)})
    assert response.url == reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk])


def test_id_inside_of_an_event_is_found_only_by_who_may_see_payloads(blind):
    with_body(accept(payment(customer="cus_asked")))
    text = blind.get(reverse(SEARCH), {"event": "cus_asked"}).content.decode()
    assert "errornote" in text


def test_of_several_events_of_one_object_each_is_offered(browser):
    events = [accept(payment(id="pi_asked")) for _ in range(2)]
    text = browser.get(reverse(SEARCH), {"event": "pi_asked"}).content.decode()
    for event in events:
        assert reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk]) in text


def test_offers_the_newest_events(browser):
    event = accept(payment())
    text = browser.get(reverse(SEARCH)).content.decode()
    assert reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk]) in text


@pytest.mark.parametrize("text", ["evt_no", "", "\x00"])
def test_an_unknown_id_is_reported(browser, text):
    response = browser.get(reverse(SEARCH), {"event": text})
    assert response.status_code == 200
    assert "errornote" in response.content.decode()


def test_offers_a_workflows_events_that_did_not_start_it(browser):
    workflow = active("Thank", 1000)
    started, small = accept(payment()), accept(payment(5))
    text = browser.get(reverse(SEARCH), {"workflow": workflow.pk}).content.decode()
    assert small.external_id in text
    assert f">{started.external_id}<" not in text


@pytest.mark.parametrize("workflow", ["x", "0", "²", "9" * 30])
def test_an_unknown_workflow_offers_nothing(browser, workflow):
    assert browser.get(reverse(SEARCH), {"workflow": workflow}).status_code == 200


@pytest.mark.parametrize("codename", ["view_run", "view_event"])
def test_needs_both_permissions(client_for, codename):
    client = client_for(codename)
    event = accept(payment())
    assert client.get(reverse(SEARCH)).status_code == 403
    page = reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk])
    assert client.get(page).status_code == 403


def test_the_event_in_the_inbox_links_here(browser):
    event = accept(payment())
    text = browser.get(reverse("admin:stripeflow_triggers_event_change", args=[event.pk])).content.decode()
    assert reverse("admin:stripeflow_workflows_run_why_event", args=[event.pk]) in text
