"""A workflow is saved as a template; the template is used, renamed and deleted."""

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command

from stripeflow.workflows.audit.acts import Act, NotPossible
from stripeflow.workflows.drafts.rows import to_document
from stripeflow.workflows.models import AuditEntry, SavedTemplate, Workflow
from stripeflow.workflows.operations import lifecycle, saving_templates
from stripeflow.workflows.operations.saving_templates import Called
from stripeflow.workflows.workflow_templates import UnknownTemplate, template
from stripeflow.workflows.workflow_templates.saved import found, row_of
from tests.workflows.admin.addresses import address
from tests.workflows.admin.pages import fill, form_with

pytestmark = pytest.mark.django_db
SAVES = ("change_workflow", "view_workflow", "add_workflow")
MAY = (*SAVES, "add_savedtemplate", "view_savedtemplate", "change_savedtemplate", "delete_savedtemplate")


@pytest.fixture
def author(client_with):
    return client_with(*MAY, username="author")


@pytest.fixture
def workflow(user_with):
    user_with(username="anna")
    given = {"recipients": ["anna"], "minimum": {"amount": 77_700, "currency": "eur"}}
    made = template("personalize_orders").document(given)
    return lifecycle.create({**made, "name": "Thank people", "description": "For anna."})


def saved(workflow, name="Ours", goal="keep_customers"):
    return saving_templates.save(workflow, Called(name, "What it does.", goal), Act())


def kinds_of_acts():
    return [
        kind for kind in AuditEntry.objects.values_list("kind", flat=True) if kind.startswith("template.")
    ]


def test_a_workflow_is_saved_used_and_asks_for_its_people(author, workflow):
    page = address(workflow, "save_as_template")
    assert page in author.get(address(workflow)).content.decode()
    shown = author.get(page).content.decode()
    assert "Asked for when it is used" in shown
    answer = fill(
        author, page, "template_form", name="Ours", goal="keep_customers", description="Say thanks."
    )
    row = SavedTemplate.objects.get()
    assert answer["Location"].endswith(f"/templates/saved-{row.pk}/")
    assert (row.author_name, row.goal, "anna" in str(row.document)) == ("author", "keep_customers", False)
    assert kinds_of_acts() == ["template.saved"]
    assert "Saved here" in author.get(address("workflow", "templates")).content.decode()
    form = form_with(author.get(answer["Location"]), "name")
    author.post(answer["Location"], {**form, "name": "Theirs", "people_1": ["anna"]})
    made = Workflow.objects.get(name="Theirs")
    assert made.template_key == f"saved-{row.pk}"
    steps = to_document(made)["steps"]
    assert steps == to_document(workflow)["steps"]
    assert to_document(made)["trigger"] == to_document(workflow)["trigger"]


def test_a_name_is_taken_once_and_the_form_says_so(author, workflow):
    saved(workflow)
    answer = fill(author, address(workflow, "save_as_template"), "template_form", name="Ours")
    assert "There is a saved template “Ours”. Choose another name." in answer.content.decode()
    assert SavedTemplate.objects.count() == 1


def test_it_is_renamed_and_deleted_and_what_was_made_of_it_stays(author, workflow):
    row = saved(workflow)
    made = lifecycle.create(
        found(f"saved-{row.pk}").document({"people_1": ["anna"]}), template_key=f"saved-{row.pk}"
    )
    page = address(row)
    fill(author, page, "savedtemplate_form", name="Ours again", goal="recover_money")
    row.refresh_from_db()
    assert (row.name, row.goal) == ("Ours again", "recover_money")
    fill(author, page, "savedtemplate_form")
    assert author.get(address("savedtemplate", "changelist")).status_code == 200
    author.post(address(row, "delete"), {"post": "yes"})
    assert not SavedTemplate.objects.exists()
    assert kinds_of_acts() == ["template.deleted", "template.renamed", "template.saved"]
    assert author.get(address(made)).status_code == 200


@pytest.mark.parametrize("lacks", ["add_savedtemplate", "change_workflow"])
def test_saving_needs_its_permission_and_that_to_edit(client_with, user_with, workflow, lacks):
    may = [one for one in MAY if one != lacks]
    client = client_with(*may, username="lacking")
    client.raise_request_exception = False
    assert client.get(address(workflow, "save_as_template")).status_code == 403
    assert client.post(address(workflow, "save_as_template"), {"name": "x"}).status_code == 403
    with pytest.raises(PermissionDenied):
        saving_templates.save(workflow, Called("x"), Act(user_with(*may, username="other")))
    assert not SavedTemplate.objects.exists()


def test_renaming_and_deleting_need_a_permission_each(client_with, workflow):
    row = saved(workflow)
    client = client_with(*SAVES, "add_savedtemplate", "view_savedtemplate", username="saver")
    client.raise_request_exception = False
    assert client.post(address(row), {"name": "x", "goal": "recover_money"}).status_code == 403
    assert client.post(address(row, "delete"), {"post": "yes"}).status_code == 403
    row.refresh_from_db()
    assert row.name == "Ours"


@pytest.mark.parametrize(
    "called", [Called(""), Called("x" * 201), Called("x", "y" * 501), Called("x", goal="no_goal")]
)
def test_what_it_is_called_has_bounds(workflow, called):
    with pytest.raises(NotPossible):
        saving_templates.save(workflow, called, Act())


def test_an_installation_has_only_so_many(workflow, monkeypatch):
    monkeypatch.setattr(saving_templates, "MOST", 1)
    saved(workflow)
    with pytest.raises(NotPossible, match="Delete one first"):
        saved(workflow, "Another")


@pytest.mark.parametrize("key", ["saved-", "saved-x", "saved-0", "saved-99999999999", "saved-１", "dunning"])
def test_a_key_that_is_no_row_is_unknown(key):
    with pytest.raises(UnknownTemplate):
        row_of(key)


def test_the_command_lists_saves_renames_and_deletes(workflow, capsys):
    call_command("stripeflow_template", "save", str(workflow.pk), "--goal", "keep_customers")
    row = SavedTemplate.objects.get()
    call_command("stripeflow_template", "rename", f"saved-{row.pk}", "--name", "Ours")
    call_command("stripeflow_template", "list")
    assert f"saved-{row.pk}\tkeep_customers\tOurs" in capsys.readouterr().out
    call_command("stripeflow_template", "delete", f"saved-{row.pk}")
    with pytest.raises(CommandError, match="no saved template"):
        call_command("stripeflow_template", "delete", f"saved-{row.pk}")
    with pytest.raises(CommandError, match="no workflow 0"):
        call_command("stripeflow_template", "save", "0")
