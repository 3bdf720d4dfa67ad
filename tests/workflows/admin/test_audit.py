"""Who did what, in the admin."""

import csv
import io
import json

import pytest

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.credentials import secret_changes
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import document

LIST = "/admin/stripeflow_workflows/auditentry/"


@pytest.fixture
def auditor(client_for):
    return client_for("view_auditentry", "view_workflow")


@pytest.fixture
def workflow(auditor):
    return lifecycle.create(document(name="=Orders"), act=Act(auditor.user))


@pytest.fixture
def other(auditor):
    return lifecycle.create(document(name="Payments"))


def listed(client, query=""):
    return client.get(LIST + query).content.decode()


def text_of(response):
    return b"".join(response.streaming_content).decode()


def test_list_says_who_did_what_on_what(auditor, workflow):
    page = listed(auditor)
    assert all(words in page for words in ("Workflow created", "=Orders", "staff"))


@pytest.mark.parametrize("query", ["?user=staff", "?kind=workflow.created", "?day=2020-01-01", "?via=api"])
def test_list_is_filtered(auditor, workflow, other, query):
    page = listed(auditor, query)
    assert ("Payments" in page) is (query == "?kind=workflow.created")
    assert ("/workflow/%d/change/" % workflow.pk in page) is (
        query in ("?user=staff", "?kind=workflow.created")
    )


def test_workflow_has_a_list_of_its_own(auditor, workflow, other):
    page = listed(auditor, f"?workflow={workflow.pk}")
    assert "=Orders" in page
    assert "Payments" not in page


@pytest.mark.parametrize("query", ["?workflow=x", "?object_id=" + "9" * 300, "?day=never", "?kind=none"])
def test_nonsense_in_the_address_is_no_error(auditor, workflow, query):
    assert auditor.get(LIST + query).status_code == 200


def test_entry_has_a_page_with_before_and_after(auditor, workflow):
    editing.update(workflow, document(name="Orders"), revision=1, act=Act(auditor.user, "Typing error."))
    entry = AuditEntry.objects.first()
    page = auditor.get(f"{LIST}{entry.pk}/change/").content.decode()
    assert all(words in page for words in ("revision: 1", "revision: 2, changed: Name", "Typing error."))


@pytest.mark.parametrize("path", ["", "{}/change/", "export/csv/", "export/json/"])
def test_needs_its_permission(client_for, workflow, path):
    entry = AuditEntry.objects.first()
    browser = client_for("view_workflow", "view_run", username="other")
    assert browser.get(LIST + path.format(entry.pk)).status_code == 403


def test_nothing_can_be_changed_added_or_deleted(auditor, workflow, client):
    auditor.user.is_superuser = True
    auditor.user.save()
    entry = AuditEntry.objects.first()
    for path in ("add/", f"{entry.pk}/delete/", f"{entry.pk}/change/"):
        auditor.post(LIST + path, {"note": "forged", "post": "yes"})
    auditor.post(LIST, {"action": "delete_selected", "_selected_action": [entry.pk], "post": "yes"})
    entry.refresh_from_db()
    assert entry.note == ""


def test_csv_has_all_that_the_list_shows_and_no_formula(auditor, workflow, other):
    text = text_of(auditor.get(f"{LIST}export/csv/?workflow={workflow.pk}"))
    [row] = csv.DictReader(io.StringIO(text))
    assert (row["kind"], row["object_title"], row["user_name"]) == ("workflow.created", "'=Orders", "staff")


def test_json_is_one_document(auditor, workflow, other):
    rows = json.loads(text_of(auditor.get(f"{LIST}export/json/?kind=workflow.created")))
    assert [row["object_title"] for row in rows] == ["Payments", "=Orders"]
    assert json.loads(text_of(auditor.get(f"{LIST}export/json/?day=2020-01-01"))) == []


def test_export_is_itself_recorded_with_who_made_it(auditor, workflow):
    auditor.get(f"{LIST}export/csv/")
    entry = AuditEntry.objects.first()
    assert (entry.kind, entry.user_name, entry.after) == ("audit.exported", "staff", {"format": "csv"})


def test_unknown_format_is_not_found(auditor):
    assert auditor.get(f"{LIST}export/xml/").status_code == 404


def test_pages_link_to_their_entries_for_who_may_read_them(client_for, workflow):
    address = f"/admin/stripeflow_workflows/workflow/{workflow.pk}/change/"
    link = f"{LIST}?workflow={workflow.pk}"
    may, may_not = (
        client_for("view_workflow", "view_auditentry", username="a"),
        client_for("view_workflow", username="b"),
    )
    assert link in may.get(address).content.decode()
    assert link not in may_not.get(address).content.decode()


def test_kinds_of_acts_that_never_were_are_not_offered(auditor, workflow):
    page = listed(auditor)
    assert "?kind=workflow.created" in page
    assert "?kind=workflow.archived" not in page


@pytest.mark.parametrize("may_see", [True, False])
@pytest.mark.parametrize("path", ["", "{}/change/"])
def test_links_lead_only_where_the_person_may_go(client_for, workflow, path, may_see):
    secret = secret_changes.store("shop", "sk_shop")
    may = ("view_workflow", "view_secret") if may_see else ()
    browser = client_for("view_auditentry", *may, username="reader")
    pages = "".join(listed(browser, path.format(entry.pk)) for entry in AuditEntry.objects.all())
    for kind, pk in (("workflow", workflow.pk), ("secret", secret.pk)):
        assert (f"/admin/stripeflow_workflows/{kind}/{pk}/change/" in pages) is may_see
    assert "=Orders" in pages
