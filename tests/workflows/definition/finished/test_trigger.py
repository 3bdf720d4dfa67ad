"""The trigger on ends of runs: its settings, its words and what it checks."""

import pytest

from stripeflow.triggers.types import registry
from stripeflow.workflows.definition.problems import DefinitionError
from stripeflow.workflows.definition.schema import check_structure
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill
from tests.workflows.documents import EVERYTHING, action, document, group

pytestmark = pytest.mark.django_db

KIND = registry.find("workflow_finished")


@pytest.fixture(autouse=True)
def _installed(recorder, queue):
    pass


@pytest.fixture
def other():
    return lifecycle.create(document(action("one", text="a"), name="Refund"))


def listening(*of, ends=("failed",), **more):
    made = document(action("one", text="{{ trigger.error_message | default('none') }}"))
    made["trigger"] = {
        "type": "workflow_finished",
        "scope": EVERYTHING,
        "ends_as": list(ends),
        **({"of_workflows": list(of)} if of else {}),
        "conditions": group(),
        **more,
    }
    return made


@pytest.mark.parametrize(
    ("settings", "words", "topics"),
    [
        ({}, "", ()),
        ({"ends_as": ["failed"]}, "Another workflow failed", ("run.failed",)),
        (
            {"ends_as": ["failed", "succeeded"], "of_workflows": [{"id": 7, "name": "Refund"}]},
            "“Refund” succeeded or failed",
            ("run.succeeded:7", "run.failed:7"),
        ),
    ],
)
def test_says_what_it_listens_for(settings, words, topics):
    assert (KIND.describe(settings), KIND.topics(settings)) == (words, topics)


def test_every_end_has_words():
    assert KIND.describe_topic("run.outcome_unknown:7") == "A run has an unknown outcome"


def test_a_sample_holds_what_is_known():
    settings = {"ends_as": ["failed"]}
    sample = KIND.sample(settings, "run.failed")["object"]
    assert set(sample) == {field.name for field in KIND.known(settings).fields}


@pytest.mark.parametrize(
    ("change", "code"),
    [({"id": 10**6}, "workflow_missing"), ({"name": "Payout"}, "workflow_renamed")],
)
def test_a_workflow_that_is_another_one_here_blocks_activation(other, change, code):
    reference = {"id": other.pk, "name": other.name, **change}
    workflow = lifecycle.create(listening(reference))
    with pytest.raises(DefinitionError) as raised:
        lifecycle.activate(workflow)
    assert [one.code for one in raised.value.problems] == [code]


def test_one_that_is_archived_blocks_activation(other):
    reference = {"id": other.pk, "name": other.name}
    lifecycle.archive(other)
    with pytest.raises(DefinitionError, match="is archived"):
        lifecycle.activate(lifecycle.create(listening(reference)))


@pytest.mark.parametrize("ends", [(), ("held",)])
def test_a_document_names_at_least_one_end_that_there_is(ends):
    with pytest.raises(DefinitionError):
        check_structure(listening(ends=ends))


def test_is_exported_as_it_was_imported(other):
    made = listening({"id": other.pk, "name": other.name})
    assert to_document(lifecycle.create(made)) == made


def test_is_tried_on_a_sample(other):
    script = script_of(lifecycle.create(listening({"id": other.pk, "name": other.name})))
    assert rehearse_sample(script).found.steps[0].inputs == {"text": "The card was declined."}


def test_the_form_offers_ends_and_workflows(admin_client, other):
    workflow = lifecycle.create(document(action("one", text="a")))
    page = address(workflow.trigger)
    fill(admin_client, page, "trigger_form", type="workflow_finished", ends_as=["failed"])
    fill(admin_client, page, "trigger_form", of_workflows=[str(other.pk)])
    assert Workflow.objects.get(pk=workflow.pk).trigger.settings == {
        "ends_as": ["failed"],
        "of_workflows": [{"id": other.pk, "name": "Refund"}],
    }
    shown = admin_client.get(page).content.decode()
    assert "caused_events" not in shown
    assert "“Refund” failed" in admin_client.get(address(workflow)).content.decode()


def test_the_form_keeps_a_workflow_that_is_not_here(admin_client):
    workflow = lifecycle.create(listening({"id": 10**6, "name": "Gone"}))
    page = address(workflow.trigger)
    assert "Gone" in admin_client.get(page).content.decode()
    fill(admin_client, page, "trigger_form", ends_as=["succeeded"])
    workflow.trigger.refresh_from_db()
    assert workflow.trigger.settings["of_workflows"] == [{"id": 10**6, "name": "Gone"}]
