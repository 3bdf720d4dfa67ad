"""A sentence that a step adds to the history of its run, and who may read its values."""

import pytest

from stripeflow.workflows.definition.validation import validate
from stripeflow.workflows.history import page
from stripeflow.workflows.history.notes import notes_of
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.operations import lifecycle
from stripeflow.workflows.rehearsal.drafts import script_of
from stripeflow.workflows.rehearsal.trials import rehearse_sample
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.admin.pages import fill
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.fake import each
from tests.workflows.blocks.test_stop import stop
from tests.workflows.documents import action, document
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _recorder(recorder):
    return recorder


def note(text="Paid by {{ trigger.id }}.", key="note", name=""):
    return {"key": key, "type": "note", "name": name, "inputs": {"text": text}}


def texts(run, *, payloads=True):
    return [one.text for one in notes_of(run, most=100, payloads=payloads)]


def test_it_is_in_the_history_and_the_run_goes_on(finish, recorder):
    run = finish(note(), action("last", text="b"), obj=payment(id="pi_7"))
    assert (run.status, recorder.texts) == ("succeeded", ["b"])
    assert texts(run) == ["Paid by pi_7."]


def test_without_the_permission_to_see_payloads_its_values_are_left_out(finish):
    run = finish(note(), obj=payment(id="pi_7"))
    assert texts(run, payloads=False) == ["Paid by …."]


def test_one_that_was_emptied_shows_what_the_workflow_says(finish):
    run = finish(note(), obj=payment(id="pi_7"))
    run.steps.update(inputs=None)
    assert texts(run) == ["Paid by …."]


def test_each_item_adds_its_own_and_the_page_shows_the_first_ones(finish, monkeypatch):
    run = finish(each("each", note("For one."), names="Anna, Ben"))
    found = notes_of(run, most=100, payloads=True)
    assert [one.path for one in found] == ["each/0/note", "each/1/note"]
    monkeypatch.setattr(page, "MOST_NOTES", 1)
    assert RunPage(run, payloads=True).notes == found[:1]


def test_one_that_ends_the_run_as_succeeded_leaves_its_sentence(finish):
    run = finish(stop("succeeded", "Enough of {{ trigger.id }}."), obj=payment(id="pi_7"))
    assert texts(run) == ["Enough of pi_7."]


def test_a_failed_one_leaves_none(finish):
    run = finish(note("{{ trigger.description }}"))
    assert (run.status, run.error["code"], texts(run)) == ("failed", "missing_value", [])


@pytest.mark.parametrize(("sees", "text"), [(True, "Paid by pi_7."), (False, "Paid by ….")])
def test_the_page_of_the_run_shows_it(client_with, finish, sees, text):
    run = finish(note(name="Who paid"), stop("succeeded", "Enough."), obj=payment(id="pi_7"))
    client = client_with("view_workflow", "view_run", *(["view_payload"] if sees else []))
    shown = client.get(address(run)).content.decode()
    assert f'<span class="sf-note">{text}</span>' in shown
    assert '<a href="#step-note">Who paid</a>' in shown
    assert "A step “Stop” ended the run as succeeded." in shown


@pytest.mark.parametrize(("sees", "text"), [(True, "Paid by pi_7."), (False, "Paid by ….")])
def test_the_api_has_it(user_with, finish, settings, sees, text):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    run = finish(note(name="Who paid"), obj=payment(id="pi_7"))
    permissions = [one for one in ALL if sees or one != "view_payload"]
    [found] = Api(user_with(*permissions, username="program")).get(f"runs/{run.pk}/").json()["notes"]
    assert (found["step"], found["title"], found["text"]) == ("note", "Who paid", text)
    assert found["at"]


def test_it_needs_its_sentence_and_known_references():
    assert [one.code for one in validate(document(note(""))).problems.errors] == ["required"]
    [problem] = validate(document(note("{{ steps.gone.x }}"))).problems.errors
    assert problem.code == "unknown_reference"


def test_a_dry_run_shows_the_sentence():
    found = rehearse_sample(script_of(lifecycle.create(document(note("For {{ trigger.object }}"))))).found
    assert (found.end, found.steps[0].inputs) == ("done", {"text": "For payment_intent"})


def test_the_editor_offers_and_saves_it(editor):
    workflow = lifecycle.create(document(action("last", text="b")))
    where = address("step", "add_block", kind="note", workflow=workflow.pk, position=0)
    assert editor.post(where, {"revision": workflow.revision}).status_code == 302
    row = workflow.steps.get(kind="note")
    fill(editor, address(row), "step_form", **{"inputs-text": "For {{ trigger.id }}"})
    row.refresh_from_db()
    assert row.inputs == {"text": "For {{ trigger.id }}"}
    assert "Payment intent ID" in editor.get(address(workflow)).content.decode()
