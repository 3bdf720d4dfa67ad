"""After an upgrade of the SDK: which workflows and steps use what it does not have any more."""

import pytest

from stripeflow.workflows.maintenance.sdk_changes import GONE, REFUSED, UNLISTED, findings, installed
from stripeflow.workflows.models import Step, WorkflowVersion
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db
PAGE = address("workflow", "sdk")


@pytest.fixture
def upgraded():
    """An active workflow, as if the SDK had lost an event, an action, and a choice of a field since."""
    steps = [
        action(key, "stripe.subscriptions.cancel", subscription="sub_1") for key in ("one", "two", "three")
    ]
    workflow = lifecycle.create({**document(*steps), "name": "End it"})
    version = lifecycle.activate(workflow)
    frozen = version.document
    frozen["trigger"]["event_type"] = "balloon.inflated"
    frozen["steps"][0]["action"] = "stripe.subscriptions.inflate"
    frozen["steps"][1]["inputs"]["cancellation_details.feedback"] = "bored"
    WorkflowVersion.objects.filter(pk=version.pk).update(document=frozen)
    return workflow


def test_it_names_what_is_gone_what_is_refused_and_what_is_not_listed(upgraded):
    assert [(one.code, one.step) for one in findings()] == [(UNLISTED, ""), (GONE, "one"), (REFUSED, "two")]


def test_the_page_leads_to_the_workflow_and_the_step(editor, upgraded):
    page = editor.get(PAGE).content.decode()
    one, two, three = (Step.objects.get(key=key) for key in ("one", "two", "three"))
    assert "2 steps of active workflows fail with this version" in page
    for told in ("stripe.subscriptions.inflate", "must be one of its choices", "balloon.inflated"):
        assert told in page
    assert all(address(row) in page for row in (upgraded, one, two))
    assert address(three) not in page
    assert installed().version in page
    assert PAGE in editor.get(address("workflow", "changelist")).content.decode()


def test_where_all_fits_it_says_so(editor):
    page = editor.get(PAGE).content.decode()
    assert "Every step of the active workflows fits this version." in page
