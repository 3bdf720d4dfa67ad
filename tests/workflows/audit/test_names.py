"""The names of people stay in what they did."""

import pytest
from django.contrib.auth import get_user_model

from tests.workflows.documents import action, document
from workflows import activation, operations
from workflows.acts import Act
from workflows.audit.reading import last_editor
from workflows.limits import people, switch
from workflows.models import RunOperation


@pytest.fixture
def anna(db):
    return get_user_model().objects.create_superuser("anna")


def test_name_of_who_did_something_to_a_run_stays(anna, start):
    operations.cancel(start(action("one", text="a")), Act(anna))
    anna.delete()
    operation = RunOperation.objects.get()
    assert (operation.user, operation.user_name) == (None, "anna")


def test_name_of_who_activated_a_version_stays(anna, recorder):
    workflow = activation.create(document(action("one", text="a")))
    version = activation.activate(workflow, Act(anna))
    anna.delete()
    version.refresh_from_db()
    assert (version.author, version.author_name) == (None, "anna")


def test_name_of_who_stopped_everything_stays(anna):
    people.stop_all(Act(anna, "Wrong refunds."))
    anna.delete()
    assert "anna" in people.switch_sentence(switch.current())


def test_who_changed_a_workflow_last_is_known_by_whichever_door_they_came(anna, db):
    workflow = activation.create(document(name="Orders"))
    assert last_editor(workflow.pk) == ""
    activation.update(workflow, document(name="Payments"), revision=workflow.revision, act=Act(anna))
    anna.delete()
    assert last_editor(workflow.pk) == "anna"
