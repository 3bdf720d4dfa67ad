import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from stripeflow.workflows.models import Run, StepRun
from tests.workflows.documents import action
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db


def listed(client, query=""):
    response = client.get(reverse("admin:stripeflow_workflows_run_changelist") + query)
    assert response.status_code == 200
    return [str(run.pk) for run in response.context["cl"].result_list]


def test_shows_a_row_for_each_run(browser, make_run):
    run = make_run(action("one", text="a"), name="Thank")
    text = browser.get(reverse("admin:stripeflow_workflows_run_changelist")).content.decode()
    for part in ("Thank", "Succeeded", "v1", "Payment intent succeeded", "pi_test", "Why did it not run?"):
        assert part in text
    assert listed(browser) == [str(run.pk)]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?status__exact=succeeded", True),
        ("?status__exact=failed", False),
        ("?workflow__id__exact={workflow}", True),
        ("?workflow__id__exact={workflow}&version=1", True),
        ("?workflow__id__exact={workflow}&version=2", False),
        ("?event_type=payment_intent.succeeded", True),
        ("?event_type=payment_intent.created", False),
        ("?workflow__id__exact={workflow}&event_type=payment_intent.succeeded&status__exact=succeeded", True),
        ("?created_at__gte=2020-01-01 00:00:00%2B00:00", True),
        ("?created_at__lt=2020-01-01 00:00:00%2B00:00", False),
        ("?q=pi_test", True),
        ("?q=pi_other", False),
        ("?q=acct_test", True),
        ("?q=acct_other", False),
        ("?q={event}", True),
        ("?q={run}", True),
        ("?q={key}", True),
        ("?q=cus_test", True),
        ("?q=re_made_by_us1", True),
        ("?q=cus_other", False),
    ],
)
def test_filters_and_searches(browser, make_run, query, found):
    run = make_run(action("one", text="a"))
    run.event.raw_body = '{"customer": "cus_test"}'
    run.event.account = "acct_test"
    run.event.save()
    StepRun.objects.update(outputs={"id": "re_made_by_us1"})
    values = {
        "workflow": run.workflow_id,
        "event": run.event.external_id,
        "run": run.pk,
        "key": run.steps.get().idempotency_key,
    }
    assert bool(listed(browser, query.format(**values))) is found


def test_ids_inside_payloads_are_found_only_by_who_may_see_them(blind, make_run):
    run = make_run(action("one", text="a"))
    run.event.raw_body = '{"customer": "cus_test"}'
    run.event.save()
    StepRun.objects.update(outputs={"id": "re_made_by_us"})
    assert listed(blind, "?q=cus_test") == listed(blind, "?q=re_made_by_us") == []


def test_an_id_that_a_step_made_is_found_beside_the_events_that_name_it(browser, make_run):
    made = make_run(action("one", text="a"))
    named = make_run(action("one", text="a"), obj=payment(id="pi_other"))
    made.steps.update(outputs={"id": "cus_updated"})
    named.event.raw_body = '{"customer": "cus_updated"}'
    named.event.save()
    # Both workflows are started by the second event.
    expected = {made.pk, *Run.objects.filter(event=named.event).values_list("pk", flat=True)}
    assert set(listed(browser, "?q=cus_updated")) == set(map(str, expected))


@pytest.mark.parametrize(("searched", "is_found"), [(2, True), (1, False)])
def test_an_id_inside_events_is_looked_for_in_the_newest(browser, make_run, monkeypatch, searched, is_found):
    monkeypatch.setattr("stripeflow.triggers.models.SEARCHED", searched)
    run = make_run(action("one", text="a"))
    run.event.raw_body = '{"customer": "cus_test"}'
    run.event.save()
    make_run(action("one", text="a"), obj=payment(id="pi_later"))
    assert (str(run.pk) in listed(browser, "?q=cus_test")) is is_found


def test_an_id_that_an_index_knows_reads_no_payload(browser, make_run):
    run = make_run(action("one", text="a"))
    with CaptureQueriesContext(connection) as queries:
        assert listed(browser, "?q=pi_test") == [str(run.pk)]
    assert not [one for one in queries if "raw_body" in one["sql"].partition("WHERE")[2]]


def test_filters_and_searches_take_as_many_queries_for_many_runs(browser, make_run):
    make_run(action("one", text="a"))
    queries = (
        "?status__exact=succeeded",
        "?event_type=payment_intent.succeeded",
        "?q=cus_test",
        "?q=pi_test",
    )
    counts = []
    for _time in range(2):
        for query in queries:
            listed(browser, query)
            with CaptureQueriesContext(connection) as found:
                listed(browser, query)
            counts.append(len(found))
        for number in range(4):
            make_run(action("one", text="a"), obj=payment(id=f"pi_{number}"))
    assert counts[: len(queries)] == counts[len(queries) :]


def test_a_version_can_be_chosen_once_a_workflow_is(browser, make_run):
    run = make_run(action("one", text="a"))
    url = reverse("admin:stripeflow_workflows_run_changelist")
    assert "By version" not in browser.get(url).content.decode()
    assert "By version" in browser.get(f"{url}?workflow__id__exact={run.workflow_id}").content.decode()


@pytest.mark.parametrize(
    "query", ["?version=x", "?workflow__id__exact=x", "?workflow__id__exact=²", "?event_type=no", "?q=%00"]
)
def test_a_filter_that_can_not_be_used_never_breaks(browser, make_run, query):
    make_run(action("one", text="a"))
    url = reverse("admin:stripeflow_workflows_run_changelist")
    assert browser.get(url + query).status_code in (200, 302)


def test_takes_as_many_queries_for_many_runs_as_for_one(browser, make_run):
    make_run(action("one", text="a"))
    listed(browser)
    with CaptureQueriesContext(connection) as one:
        listed(browser)
    for number in range(4):
        make_run(action("one", text="a"), obj=payment(id=f"pi_{number}"))
    with CaptureQueriesContext(connection) as many:
        listed(browser)
    assert len(many) == len(one)


def test_needs_the_permission(client_for):
    url = reverse("admin:stripeflow_workflows_run_changelist")
    assert client_for("view_workflow").get(url).status_code == 403
