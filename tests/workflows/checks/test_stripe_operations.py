import pytest
from django.core.checks import Tags, run_checks

from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db
CANCEL = "stripe.subscriptions.cancel"


def found():
    checks = run_checks(tags=[Tags.database], databases=["default"])
    return [one for one in checks if one.id == "stripeflow.W018"]


def activated(inputs):
    workflow = lifecycle.create(document({**action("end", CANCEL, **inputs), "name": "End it"}))
    lifecycle.activate(workflow)
    return workflow


def test_a_step_that_the_sdk_takes_is_fine():
    activated({"subscription": "sub_1", "cancellation_details.feedback": "unused"})
    assert found() == []


@pytest.mark.parametrize(
    ("name", "value", "says"),
    [
        ("prorate", True, "“prorate” is not an input of this action."),
        ("cancellation_details.feedback", "bored", "must be one of its choices."),
    ],
)
def test_names_the_workflow_and_the_step_that_the_sdk_refuses(name, value, says):
    workflow = activated({"subscription": "sub_1"})
    version = workflow.active_version
    version.document["steps"][0]["inputs"][name] = value
    type(version).objects.filter(pk=version.pk).update(document=version.document)
    (warning,) = found()
    assert f"“{workflow.name}” has a step “End it”" in warning.msg
    assert says in warning.msg
