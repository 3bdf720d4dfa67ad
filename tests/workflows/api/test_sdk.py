"""The installed SDK by the API."""

import pytest

from stripeflow.workflows.maintenance.sdk_changes import GONE, installed
from stripeflow.workflows.models import WorkflowVersion
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db


def test_it_says_what_is_installed_and_what_workflows_miss_of_it(api):
    workflow = lifecycle.create(document(action("one", "stripe.coupons.delete", coupon="c")))
    version = lifecycle.activate(workflow)
    version.document["steps"][0]["action"] = "stripe.coupons.inflate"
    WorkflowVersion.objects.filter(pk=version.pk).update(document=version.document)
    told = api.get("catalogue/sdk/").json()
    sdk = installed()
    assert (told["version"], told["operations"]) == (sdk.version, sdk.operations)
    (finding,) = told["findings"]
    assert (finding["code"], finding["workflow"], finding["step"]) == (GONE, workflow.pk, "one")
    assert "stripe.coupons.inflate" in finding["message"]
