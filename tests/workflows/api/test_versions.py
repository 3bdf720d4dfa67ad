import pytest

from stripeflow.actions import registry
from stripeflow.actions.inputs import StringInput
from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import Step
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, branch, document
from tests.workflows.recording import recording_action

pytestmark = pytest.mark.usefixtures("recorder")


@pytest.fixture
def workflow(db):
    workflow = lifecycle.create(document(action("one", text="a")))
    lifecycle.activate(workflow, Act(note="First."))
    lifecycle.activate(workflow, Act(note="Second."))
    return workflow


def test_lists_versions_newest_first(api, workflow):
    rows = api.get(f"workflows/{workflow.pk}/versions/").json()["results"]
    assert [(row["number"], row["note"], row["active"]) for row in rows] == [
        (2, "Second.", True),
        (1, "First.", False),
    ]


def test_reads_a_version_with_its_definition(api, workflow):
    body = api.get(f"workflows/{workflow.pk}/versions/1/").json()
    assert body["definition"]["steps"][0]["inputs"] == {"text": "a"}


@pytest.mark.parametrize("path", ["{pk}/versions/3/", "0/versions/", "0/versions/1/"])
def test_a_version_that_there_is_not_is_404(api, workflow, path):
    assert api.get(f"workflows/{path.format(pk=workflow.pk)}").status_code == 404


@pytest.mark.parametrize("codename", ["view_workflow", "change_workflow"])
def test_nobody_reads_a_secret_that_an_older_version_kept(api_for, make_user, recorder, codename):
    secret = recording_action(recorder, key="test.secret")
    secret.inputs = (StringInput("text", label="Text", secret=True),)
    steps = branch("way", otherwise=(action("two", "test.secret", text={"secret": "sword"}),))
    with registry.temporarily(secret):
        workflow = lifecycle.create(document(steps))
        # As an older version kept it.
        Step.objects.filter(key="two").update(inputs={"text": "swordfish"})
        body = api_for(make_user(codename)).get(f"workflows/{workflow.pk}/").json()
    inner = body["definition"]["steps"][0]["branches"][0]["steps"][0]
    assert inner["inputs"] == {"text": "••••"}
