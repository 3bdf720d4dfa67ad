"""Who did what, by the API."""

import pytest

from stripeflow.workflows.audit.acts import Act
from stripeflow.workflows.models import AuditEntry
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import document


@pytest.fixture
def auditor(make_user, api_for):
    return api_for(make_user("view_auditentry", username="auditor"))


@pytest.fixture
def orders(make_user):
    return lifecycle.create(document(name="Orders"), act=Act(make_user(username="anna"), "why"))


def results(api, query=""):
    answer = api.get(f"audit/{query}")
    assert answer.status_code == 200
    return answer.json()["results"]


def test_entry_says_who_by_what_and_on_what(auditor, orders):
    [entry] = results(auditor, "?kind=workflow.created")
    row = AuditEntry.objects.get(kind="workflow.created")
    shown = {name: entry[name] for name in ("id", "title", "user_name", "via", "object_title", "note")}
    assert shown == {
        "id": row.pk,
        "title": "Workflow created",
        "user_name": "anna",
        "via": "system",
        "object_title": "Orders",
        "note": "why",
    }


def test_first_use_of_a_token_is_reported_once_with_its_start(auditor):
    results(auditor)
    [entry] = results(auditor, "?kind=token.first_used")
    assert (entry["user_name"], entry["via"], entry["token"]) == ("auditor", "api", auditor.token.hint)
    assert auditor.token_text not in str(entry)


@pytest.mark.parametrize(
    "query",
    [
        "user=anna",
        "via=system",
        "object_kind=workflow",
        "workflow={0}",
        "object_id={0}",
        "since=2020-01-01T00:00",
    ],
)
def test_filters_find_it(auditor, orders, query):
    found = results(auditor, f"?kind=workflow.created&{query.format(orders.pk)}")
    assert [one["object_title"] for one in found] == ["Orders"]


@pytest.mark.parametrize("query", ["user=boris", "via=api", "workflow=0", "until=2020-01-01T00:00"])
def test_filters_leave_out_what_is_something_else(auditor, orders, query):
    assert results(auditor, f"?kind=workflow.created&{query}") == []


def test_pages_go_by_cursor(auditor, orders):
    results(auditor)
    first = auditor.get("audit/?limit=1").json()
    assert len(first["results"]) == 1
    assert first["next"]


def test_needs_its_permission(make_user, api_for):
    assert api_for(make_user("view_workflow", "view_run", username="other")).get("audit/").status_code == 403


@pytest.mark.parametrize("method", ["post", "put", "delete"])
def test_is_only_read(auditor, method):
    assert auditor(method, "audit/").status_code == 405
