"""Blocks that only a test registers go out of an installation and into another one, by pages and by API."""

import json

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from stripeflow.workflows.definition import kinds
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import Workflow
from stripeflow.workflows.operations import lifecycle
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.fake import pause, section
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

IMPORT = ("workflow", "import")
WHOLE = document(
    section("part", pause("rest"), action("inside", text="{{ steps.part.heading }}"), name="The large ones"),
    {**pause("wait"), "name": "Wait a minute"},
)
SENTENCES = (
    "The step “The large ones” is of the kind “section”, which is not installed. Delete it.",
    "The step “Wait a minute” is of the kind “pause”, which is not installed. Delete it.",
)


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


@pytest.fixture
def api(user_with, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    return Api(user_with(*ALL, username="program"))


@pytest.fixture
def elsewhere(monkeypatch):
    """An installation that has neither of them."""
    with monkeypatch.context() as patch:
        for kind in ("section", "pause"):
            patch.delitem(kinds._blocks, kind)
        yield


def exported(client):
    workflow = lifecycle.create(WHOLE)
    return client.get(address(workflow, "export")).content


def test_the_file_says_what_was_saved_and_is_imported_as_it_is(editor):
    file = exported(editor)
    assert json.loads(file) == WHOLE
    editor.post(address(*IMPORT), {"file": SimpleUploadedFile("flow.json", file), "name": "Again"})
    assert to_document(Workflow.objects.get(name="Again")) == {**WHOLE, "name": "Again"}


def test_what_the_api_answers_can_be_sent_to_it(api):
    first = api.post("workflows/", WHOLE).json()
    definition = api.get(f"workflows/{first['id']}/").json()["definition"]
    second = api.post("workflows/", {**definition, "name": "Again"})
    assert second.status_code == 201, second.content
    assert to_document(Workflow.objects.get(name="Again")) == {**WHOLE, "name": "Again"}


def test_pages_of_an_installation_without_them_say_which_steps_it_cannot_take(editor, elsewhere):
    answer = editor.post(address(*IMPORT), {"text": json.dumps(WHOLE)})
    assert not Workflow.objects.exists()
    page = answer.content.decode()
    assert [sentence for sentence in SENTENCES if sentence not in page] == []


def test_the_api_of_an_installation_without_them_says_which_steps_it_cannot_take(api, elsewhere):
    answer = api.post("workflows/", WHOLE)
    assert answer.status_code == 400, answer.content
    problems = answer.json()["error"]["problems"]
    assert {problem["message"] for problem in problems} >= set(SENTENCES)
    assert not Workflow.objects.exists()
