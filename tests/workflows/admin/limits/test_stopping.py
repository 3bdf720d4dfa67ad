"""Pauses and refund limits on the workflow's page, and the page of the kill switch."""

import pytest
from django.contrib.messages import get_messages
from django.utils import timezone

from stripeflow.workflows.limits import switch
from stripeflow.workflows.models import Run, Workflow
from stripeflow.workflows.models.limits import Spending
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.workflow_templates import template
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_on
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

SWITCH = "/admin/stripeflow_workflows/switch/"


@pytest.fixture(autouse=True)
def _fresh():
    switch.forget()
    yield
    switch.forget()


@pytest.fixture
def workflow(start):
    return start(action("one", text="a")).workflow


@pytest.fixture
def refunds(user_with):
    user_with(username="recipient")
    return lifecycle.create(template("fraud_warnings").document({"recipients": ["recipient"]}))


@pytest.fixture
def treasurer(client_with):
    return client_with("change_workflow", "run_money_moving_workflow", username="treasurer")


def post(client, where, **boxes):
    response = client.post(where, boxes)
    return response.status_code, " ".join(str(one) for one in get_messages(response.wsgi_request))


def limits(client, workflow, **boxes):
    """Fill in the rows on the workflow's page."""
    where = address(workflow, "refund_limits")
    sent = form_on(client.get(address(workflow)), "refund_limits_form") | boxes
    return client.post(where, sent)


def caps(workflow):
    workflow.refresh_from_db()
    return workflow.refund_caps


def test_pauses_with_a_reason_and_resumes(editor, workflow):
    status, said = post(editor, address(workflow, "pause"), reason="The wording is wrong.")
    assert (status, said) == (302, "Paused. Its runs are held before their next step.")
    Run.objects.update(status="held", held_reason="paused")
    page = editor.get(address(workflow)).content.decode()
    assert "Paused · version 1" in page
    assert "The wording is wrong. 1 run is held." in page
    assert "already" in post(editor, address(workflow, "pause"), reason="Me too.")[1]
    assert "1 held runs" in post(editor, address(workflow, "resume"))[1]
    assert "not paused" in post(editor, address(workflow, "resume"))[1]
    assert Run.objects.get().status == "queued"


@pytest.mark.parametrize("view", ["pause", "resume"])
def test_pausing_needs_the_permission_and_a_post(client_with, editor, workflow, view):
    plain = client_with("view_workflow", "change_workflow")
    assert post(plain, address(workflow, view))[0] == 403
    assert address(workflow, view) not in plain.get(address(workflow)).content.decode()
    assert editor.get(address(workflow, view)).status_code == 404


def test_the_switch_stops_and_starts_everything(client_with, workflow):
    client = client_with("use_switch", "view_workflow")
    assert "Workflows are running" in client.get(SWITCH).content.decode()
    assert post(client, SWITCH, stop="1", reason="Wrong refunds.")[1].startswith("Stopped.")
    Run.objects.update(status="held", held_reason="switch")
    page = client.get(SWITCH).content.decode()
    for part in ("All workflows are stopped", "Wrong refunds.", "by staff", "1 run is held by it."):
        assert part in page
    assert "already" in post(client, SWITCH, stop="1", reason="Second.")[1]
    assert switch.current().reason == "Wrong refunds."
    for where in (address(workflow), address("workflow", "changelist")):
        assert "Wrong refunds." in client.get(where).content.decode()
    assert "1 held runs" in post(client, SWITCH, start="1")[1]
    assert "not stopped" in post(client, SWITCH, start="1")[1]
    assert Run.objects.get().status == "queued"


def test_the_switch_needs_the_permission(client_with, editor):
    for client in (editor, client_with("view_switch", username="viewer")):
        assert client.get(SWITCH).status_code == 403
        assert client.post(SWITCH, {"stop": "1"}).status_code == 403
    assert switch.current().stopped_at is None
    assert SWITCH not in editor.get("/admin/").content.decode()
    assert SWITCH not in editor.get(address("workflow", "changelist")).content.decode()


def test_the_switch_is_found_from_the_index_and_the_list(client_with):
    client = client_with("use_switch", "view_workflow")
    assert SWITCH in client.get("/admin/").content.decode()
    assert SWITCH in client.get(address("workflow", "changelist")).content.decode()


def test_sets_limits_in_major_units_and_shows_what_was_spent(treasurer, refunds):
    limits(treasurer, refunds, **{"limits-0-currency": "usd", "limits-0-amount": "1,000.50"})
    assert caps(refunds) == {"usd": 100_050}
    today = timezone.now().date()
    spent = {"scope": f"workflow:{refunds.pk}", "day": today, "currency": "usd"}
    Spending.objects.create(**spent, livemode=True, amount=2_500)
    Spending.objects.create(**spent, livemode=True, account="acct_1", amount=700)
    page = treasurer.get(address(refunds)).content.decode()
    for told in ("$25.00 USD", "our own account, live mode", "$7.00 USD", "acct_1, live mode"):
        assert told in page
    assert "$1,000.50 USD" in page
    limits(treasurer, refunds, **{"limits-1-currency": "jpy", "limits-1-amount": "5000"})
    assert caps(refunds) == {"usd": 100_050, "jpy": 5_000}
    limits(treasurer, refunds, **{"limits-1-amount": ""})
    assert caps(refunds) == {"jpy": 5_000}


@pytest.mark.parametrize(
    ("boxes", "says"),
    [
        ({"limits-0-currency": "usd", "limits-0-amount": "many"}, "is not an amount"),
        ({"limits-0-currency": "jpy", "limits-0-amount": "1.5"}, "no decimals"),
        ({"limits-0-currency": "usd", "limits-0-amount": "-1"}, "below zero"),
        ({"limits-0-currency": "", "limits-0-amount": "1"}, "Choose the currency"),
        ({"limits-0-currency": "zzz", "limits-0-amount": "1"}, "Select a valid choice"),
        ({"limits-0-currency": "usd", "limits-0-amount": "9" * 30}, "too large"),
    ],
)
def test_a_limit_that_can_not_be_read_is_shown_again(treasurer, refunds, boxes, says):
    response = limits(treasurer, refunds, **boxes)
    assert response.status_code == 200
    assert says in response.content.decode()
    assert caps(refunds) == {}


def test_one_currency_has_one_limit(treasurer, refunds):
    limits(treasurer, refunds, **{"limits-0-currency": "usd", "limits-0-amount": "1"})
    response = limits(treasurer, refunds, **{"limits-1-currency": "usd", "limits-1-amount": "2"})
    assert "USD has two limits" in response.content.decode()
    assert caps(refunds) == {"usd": 100}


def test_two_people_do_not_overwrite_each_others_limits(treasurer, refunds):
    sent = form_on(treasurer.get(address(refunds)), "refund_limits_form")
    Workflow.objects.update(refund_caps={"eur": 1})
    boxes = sent | {"limits-0-currency": "usd", "limits-0-amount": "1"}
    assert "Somebody else" in post(treasurer, address(refunds, "refund_limits"), **boxes)[1]
    assert caps(refunds) == {"eur": 1}


def test_limits_need_the_permission_for_money(editor, refunds):
    Workflow.objects.update(refund_caps={"eur": 100})
    page = editor.get(address(refunds)).content.decode()
    assert "€1.00 EUR" in page
    assert "refund_limits_form" not in page
    assert editor.get(address(refunds, "refund_limits")).status_code == 403
    assert editor.post(address(refunds, "refund_limits"), {}).status_code == 403
    fill(editor, address(refunds), "workflow_form", description="New")
    assert caps(refunds) == {"eur": 100}


def test_sets_limits_for_one_customer_beside_the_others(treasurer, refunds, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "CUSTOMER_CAPS_PER_DAY": {"usd": 20_000}}
    limits(treasurer, refunds, **{"limits-0-currency": "usd", "limits-0-one_customer": "100"})
    assert caps(refunds) == {}
    assert refunds.customer_caps == {"usd": 10_000}
    page = treasurer.get(address(refunds)).content.decode()
    for told in (
        "$100.00 USD",
        "All workflows: $200.00 USD",
        "what belongs to no known customer is not sent",
    ):
        assert told in page
    limits(treasurer, refunds, **{"limits-0-amount": "500", "limits-0-one_customer": ""})
    assert caps(refunds) == {"usd": 50_000}
    assert refunds.customer_caps == {}
    response = limits(treasurer, refunds, **{"limits-0-one_customer": "-1"})
    assert "below zero" in response.content.decode()


@pytest.mark.parametrize("without", ["count", "refuse"])
def test_the_limits_say_what_becomes_of_other_currencies(treasurer, refunds, settings, without):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "REFUNDS_WITHOUT_CAP": without}
    page = treasurer.get(address(refunds)).content.decode()
    assert ("Refunds in a currency without a limit are not sent." in page) is (without == "refuse")
