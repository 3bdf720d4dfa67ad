"""The list of events says who started a workflow and by which door, in place of a name of ours."""

import re

import pytest
from django.urls import reverse

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.audit.origins import Origin
from stripeflow.workflows.models.audit import Via
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.operations.asking import Asked
from stripeflow.workflows.operations.invoking import invoke
from tests.workflows.on_demand import CHARGE, on_demand
from tests.workflows.people import user_with_role
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]


def test_who_and_by_which_door(admin_client):
    workflow = lifecycle.create(on_demand(CHARGE))
    lifecycle.activate(workflow)
    operator = user_with_role("operator")
    for user, via in ((operator, Via.API), (None, Via.COMMAND)):
        invoke(workflow, Asked({"charge": "ch_1"}, via), Act(user, origin=Origin(via)))
    invoke(hourly().workflow, Asked({}, "c"), Act(operator, origin=Origin(Via.ADMIN)))
    said = admin_client.get(reverse("admin:stripeflow_triggers_event_changelist")).content.decode()
    rows = re.findall(r'class="field-what[^"]*">(?:<a[^>]*>)?([^<]*)', said)
    assert set(rows) == {
        "On demand · operator · API",
        "On demand · Command line",
        "Recurring schedule · operator · Admin",
    }
