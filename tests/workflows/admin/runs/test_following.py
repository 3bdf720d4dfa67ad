"""What the pages of runs ask for every few seconds."""

from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone

from stripeflow.workflows.admin.runs.following import SINCE
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run
from tests.workflows.documents import action

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]

NEWS = "admin:stripeflow_workflows_run_news"
LIST = "admin:stripeflow_workflows_run_changelist"


def state_of(client, run):
    return client.get(reverse("admin:stripeflow_workflows_run_state", args=[run.pk])).json()


def news(client, since, **filters):
    return client.get(reverse(NEWS), {SINCE: since, **filters})


@pytest.fixture
def waiting(make_run):
    return make_run(action("one", text="a"), executed=False)


def test_mark_of_a_run_changes_when_it_ends(browser, waiting):
    before = state_of(browser, waiting)
    assert before == state_of(browser, waiting)
    execute(waiting.pk)
    after = state_of(browser, waiting)
    assert after["mark"] != before["mark"]
    assert (before["seconds"] > 0, after["seconds"]) == (True, 0)


@pytest.mark.parametrize(
    ("status", "seconds"),
    [("queued", 2), ("running", 2), ("waiting", 10), ("held", 10), ("outcome_unknown", 10), ("canceled", 0)],
)
def test_page_follows_a_run_until_it_has_ended(browser, waiting, status, seconds):
    Run.objects.filter(pk=waiting.pk).update(status=status)
    page = browser.get(reverse("admin:stripeflow_workflows_run_change", args=[waiting.pk])).content.decode()
    state = state_of(browser, waiting)
    assert state["seconds"] == seconds
    assert ("data-sf-follow" in page) == bool(seconds)
    assert (f'data-sf-mark="{state["mark"]}"' in page) == bool(seconds)


def test_list_counts_the_runs_that_are_new(browser, make_run):
    make_run(action("one", text="a"), executed=False)
    seen = timezone.now().isoformat()
    before = news(browser, seen).json()
    make_run(action("one", text="a"), executed=False)
    after = news(browser, seen).json()
    # Its event started the first workflow as well.
    assert (before["new"], after["new"]) == (0, 2)
    assert before["mark"] != after["mark"]


def test_list_counts_within_its_filters(browser, waiting):
    old = "2020-01-01T00:00:00+00:00"
    assert news(browser, old, status__exact="queued").json()["new"] == 1
    assert news(browser, old, status__exact="failed").json()["new"] == 0
    assert news(browser, old, q="evt_no").json()["new"] == 0


def test_list_says_where_its_news_are_with_its_filters(browser, waiting):
    page = browser.get(reverse(LIST), {"status__exact": "queued"})
    assert f"{reverse(NEWS)}?status__exact=queued&amp;{SINCE}=" in page.content.decode()


@pytest.mark.parametrize("query", [{}, {SINCE: "soon"}])
def test_senseless_question_is_not_found(browser, query):
    assert browser.get(reverse(NEWS), query).status_code == 404


def test_question_that_no_filter_of_the_list_takes_is_refused(browser):
    assert browser.get(reverse(NEWS), {SINCE: "2020-01-01", "explanation": "x"}).status_code == 400


def test_unknown_run_is_not_found(browser):
    missing = reverse("admin:stripeflow_workflows_run_state", args=[UUID(int=1)])
    assert browser.get(missing).status_code == 404


def test_needs_the_permission_to_see_runs(client_for, waiting):
    client = client_for("view_workflow")
    assert client.get(reverse("admin:stripeflow_workflows_run_state", args=[waiting.pk])).status_code == 403
    assert news(client, timezone.now().isoformat()).status_code == 403
