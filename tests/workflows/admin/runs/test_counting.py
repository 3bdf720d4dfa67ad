"""How often each card of a version ran."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.drafts import editing
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.counts import Range, counts_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle, on_runs
from tests.workflows.documents import action, branch, compare, document, group, usd, way
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db

LARGE = group(compare("trigger.amount", "greater_than", usd(1000)))
SIZES = branch("size", way("large", LARGE, action("big", text="a")), otherwise=(action("small", text="b"),))


@pytest.fixture
def workflow(recorder, queue):
    workflow = lifecycle.create(document(SIZES))
    lifecycle.activate(workflow)
    return workflow


def run_for(*amounts):
    for amount in amounts:
        accept(payment(amount))
    for run in Run.objects.filter(status="queued"):
        execute(run.pk)


def show(client, workflow, *, panel=False, **query):
    url = reverse("admin:stripeflow_workflows_workflow_counts", args=[workflow.pk])
    return client.get(url, query, headers={"HX-Request": "true"} if panel else {})


def labels(response):
    found, cards = {}, list(response.context["canvas"].cards)
    while cards:
        card = cards.pop()
        found[card.key] = card.mark.label
        for one in card.ways:
            found[f"{card.key}/{one.key}"] = (one.mark.label, one.mark.aside)
            cards += one.cards
    return found


def test_counts_runs_steps_and_branches(browser, workflow):
    run_for(200_000, 300_000, 400_000, 100)
    response = show(browser, workflow)
    assert response.context["canvas"].trigger.mark.label == "4 runs"
    assert labels(response) == {
        "size": "4 times",
        "size/large": ("Taken 3 times", "75 %"),
        "size/otherwise": ("Taken 1 time", "25 %"),
        "big": "3 times",
        "small": "1 time",
    }


def test_tells_how_steps_ended(browser, recorder, workflow):
    recorder.then(errors.PermanentError("No."), dict)
    run_for(200_000, 300_000)
    (row,) = [row for row in show(browser, workflow).context["rows"] if row["card"].key == "big"]
    assert (row["total"], row["succeeded"], row["failed"], row["others"]) == (2, 1, 1, 0)


def test_a_step_that_was_tried_again_counts_once(browser, recorder, workflow):
    recorder.then(errors.PermanentError("No."))
    run_for(200_000)
    run = Run.objects.get()
    on_runs.retry(run, on_runs.Act(browser.user, ""))
    execute(run.pk)
    assert counts_of(workflow.active_version, Range.ALL).steps["big"] == {"succeeded": 1}


def test_versions_are_counted_apart(browser, workflow):
    run_for(200_000)
    editing.update(workflow, document(action("new", text="a")), revision=workflow.revision)
    lifecycle.activate(workflow)
    assert labels(show(browser, workflow)) == {"new": "Never"}
    assert labels(show(browser, workflow, version="1"))["big"] == "1 time"


@pytest.mark.parametrize(("span", "number"), [("today", 1), ("7", 2), ("30", 3), ("all", 4), ("x", 2)])
def test_counts_since_when_it_was_asked_for(browser, workflow, span, number):
    run_for(*[200_000] * 4)
    ages = (timedelta(0), timedelta(days=3), timedelta(days=20), timedelta(days=90))
    for run, age in zip(Run.objects.all(), ages, strict=True):
        Run.objects.filter(pk=run.pk).update(created_at=timezone.now() - age)
        run.steps.update(run_created_at=timezone.now() - age)
    response = show(browser, workflow, range=span)
    assert response.context["counts"].total == number
    assert labels(response)["big"] == f"{number} time{'s' * (number > 1)}"


@pytest.mark.parametrize("version", ["7", "x", "²", ""])
def test_a_version_that_is_none_becomes_the_active_one(browser, workflow, version):
    assert show(browser, workflow, version=version).context["version"].number == 1


def test_a_draft_has_nothing_to_count(browser, recorder, queue):
    response = show(browser, lifecycle.create(document(SIZES)))
    assert "The workflow has no version yet" in response.content.decode()


def test_in_the_panel_the_canvas_is_replaced(browser, workflow):
    page = show(browser, workflow, panel=True).content.decode()
    assert 'data-sf-fragment="piece"' in page
    assert 'hx-swap-oob="true" data-sf-marked' in page
    assert "data-sf-place" not in page


def test_takes_as_many_queries_for_many_as_for_few(browser, workflow):
    run_for(200_000)
    show(browser, workflow)
    with CaptureQueriesContext(connection) as few:
        show(browser, workflow)
    run_for(*[200_000] * 5)
    editing.update(
        workflow, document(*(action(f"s{n}", text="a") for n in range(50))), revision=workflow.revision
    )
    lifecycle.activate(workflow)
    run_for(200_000)
    with CaptureQueriesContext(connection) as many:
        show(browser, workflow)
    assert len(many) == len(few)


@pytest.mark.parametrize("codenames", [("view_workflow",), ("view_run",)])
def test_needs_both_permissions(client_for, workflow, codenames):
    assert show(client_for(*codenames), workflow).status_code == 403


def test_only_reads(browser, workflow):
    url = reverse("admin:stripeflow_workflows_workflow_counts", args=[workflow.pk])
    assert browser.post(url).status_code == 405


def test_an_undecided_run_counts_for_no_branch_until_a_person_has_chosen(recorder, queue):
    step = {**SIZES, "if_undecided": "stop"}
    workflow = lifecycle.create(document(step))
    version = lifecycle.activate(workflow)
    accept(payment(200_000, "eur"))
    run = Run.objects.get(workflow=workflow)
    execute(run.pk)
    counts = counts_of(version, Range.ALL)
    assert (dict(counts.steps), dict(counts.ways)) == ({"size": {"waiting": 1}}, {})
    run.refresh_from_db()
    on_runs.choose(run, "large", on_runs.Act(), revision=run.revision)
    execute(run.pk)
    counts = counts_of(version, Range.ALL)
    assert dict(counts.ways) == {("size", "large"): 1}
