"""The list of accounts that have disconnected the application, and the filters of runs by account."""

import pytest
from django.urls import reverse

from stripeflow.workflows.limits import deauthorized
from stripeflow.workflows.models import Deauthorization, Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

LIST = reverse("admin:stripeflow_workflows_deauthorization_changelist")
RUNS = reverse("admin:stripeflow_workflows_run_changelist")


@pytest.fixture
def gone(recorder, queue):
    lifecycle.activate(lifecycle.create(document(action("one", text="a"))))
    for account in ("acct_1", "acct_2", ""):
        accept(payment(id=f"pi_of_{account}"), account=account)
    accept({"id": "ca_1", "object": "application"}, type=deauthorized.DEAUTHORIZED, account="acct_1")
    deauthorized.settle()
    return Deauthorization.objects.get()


def test_the_list_counts_what_is_held_and_leads_to_it(admin_client, gone):
    page = admin_client.get(LIST).content.decode()
    assert "acct_1" in page
    assert "account=acct_1&amp;livemode__exact=0&amp;status__exact=held" in page


def test_the_runs_of_an_account_are_found(admin_client, gone):
    page = admin_client.get(f"{RUNS}?account=acct_2").content.decode()
    assert "pi_of_acct_2" in page
    assert "pi_of_acct_1" not in page
    assert "pi_of_acct_1" not in admin_client.get(f"{RUNS}?account=own").content.decode()
    assert "pi_of_acct_1" in admin_client.get(f"{RUNS}?q=acct_1").content.decode()


def test_a_held_run_says_why_and_what_to_do(admin_client, gone):
    run = Run.objects.get(account="acct_1")
    page = admin_client.get(reverse("admin:stripeflow_workflows_run_change", args=[run.pk])).content.decode()
    assert "The account has disconnected the application." in page
    assert "goes on once the account connects the application again" in page


def test_a_person_may_say_that_it_is_connected(admin_client, gone):
    chosen = {"action": "reconnect", "_selected_action": [gone.pk]}
    page = admin_client.post(LIST, chosen, follow=True).content.decode()
    assert "1 held runs go on." in page
    assert Run.objects.get(account="acct_1").status == "queued"


def test_it_needs_the_permission_to_resume(client_for, gone):
    page = client_for("view_run").get(LIST).content.decode()
    assert "acct_1" in page
    assert "Say that they are connected" not in page
    assert client_for("view_workflow", username="outsider").get(LIST).status_code == 403
