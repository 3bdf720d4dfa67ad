"""What a workflow missed while it was not active, as its activation page says it."""

import pytest
from django.urls import reverse

from stripeflow.workflows.admin.runs.missed import missed_by
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]


@pytest.fixture
def workflow():
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow)
    lifecycle.deactivate(workflow)
    return workflow


def test_events_of_its_kind_since_it_was_deactivated_are_counted(workflow):
    accept(payment(), created=workflow.activations.get().ended_at.timestamp() + 2)
    accept({"id": "cus_1", "object": "customer"}, type="customer.created")
    missed = missed_by(workflow)
    assert missed.count == 1
    assert f"workflow={workflow.pk}&since=20" in missed.url


def test_earlier_events_were_not_missed(workflow):
    accept(payment(), created=workflow.activations.get().ended_at.timestamp() - 3600)
    assert missed_by(workflow) is None


def test_active_workflow_and_one_that_never_was_miss_nothing(workflow):
    accept(payment(), created=workflow.activations.get().ended_at.timestamp() + 2)
    lifecycle.activate(workflow)
    assert missed_by(workflow) is None
    assert missed_by(lifecycle.create(document(action("one", text="a"), name="New"))) is None


def test_activation_page_leads_to_the_replay_of_what_was_missed(workflow, admin_client):
    accept(payment(), created=workflow.activations.get().ended_at.timestamp() + 2)
    page = admin_client.get(reverse("admin:stripeflow_workflows_workflow_activate", args=[workflow.pk]))
    assert "While it was not active, 1 event of its kind arrived." in page.content.decode()
    replay = admin_client.get(missed_by(workflow).url)
    assert replay.status_code == 200
    since = replay.context["form"]["since"].value()
    assert f'value="{since}"' in replay.content.decode()
