"""A block that takes its lane once for each item: each item has its steps, records and keys."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.blocks.loop.base import Read
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.frames import Enter, Item
from stripeflow.workflows.history.counts import Range, counts_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.admin.addresses import address
from tests.workflows.admin.conftest import *  # noqa: F403  the clients of its fixtures
from tests.workflows.api.conftest import ALL, Api
from tests.workflows.blocks.fake import Each, Section, each, section
from tests.workflows.documents import action, branch, compare, failing, group, usd, way
from tests.workflows.events import payment

pytestmark = pytest.mark.django_db

STEPS = (each("each", action("step", text="a")),)


def recorded(run):
    return [(row.path, row.group, row.status) for row in run.steps.all()]


def keys(run, *paths):
    return [f"stripeflow:{run.pk}:{path}" for path in paths]


def die():
    raise KeyboardInterrupt


def abandoned(run):
    """Have a worker die in the next call, and its lease end."""
    with pytest.raises(KeyboardInterrupt):
        execute(run.pk)
    Run.objects.filter(pk=run.pk).update(lease_expires_at=timezone.now() - timedelta(seconds=1))


def test_its_steps_run_once_for_each_item_and_are_recorded_under_it(finish, recorder):
    run = finish(*STEPS)
    assert run.status == RunStatus.SUCCEEDED
    assert recorded(run) == [
        ("each", 1, "succeeded"),
        ("each/0/step", 1, "succeeded"),
        ("each/1/step", 1, "succeeded"),
    ]
    assert recorder.keys == keys(run, "each/0/step:1", "each/1/step:1")


def test_steps_behind_it_run_once_after_the_last_item(finish, recorder):
    run = finish(*STEPS, action("last", text="b"))
    assert recorder.texts == ["a", "a", "b"]
    assert run.status == RunStatus.SUCCEEDED


def test_no_item_is_no_step(finish, recorder, monkeypatch):
    monkeypatch.setattr(Each, "known_list", lambda self, plan, turn, inputs: Read([]))
    run = finish(*STEPS)
    assert (run.status, recorder.texts) == (RunStatus.SUCCEEDED, [])


def test_one_stands_inside_of_another(finish, recorder):
    run = finish(each("outer", each("inner", action("step", text="a"))))
    assert recorder.keys == keys(
        run, *(f"outer/{outer}/inner/{inner}/step:1" for outer in (0, 1) for inner in (0, 1))
    )


def test_a_retry_of_the_second_items_step_does_not_repeat_the_first(finish, recorder):
    recorder.then(dict, errors.PermanentError("No."))
    run = finish(*STEPS)
    assert (run.status, run.error["step"]) == (RunStatus.FAILED, "each")
    on_runs.retry(run, NOBODY)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.keys == keys(run, "each/0/step:1", "each/1/step:1", "each/1/step:2")
    assert recorded(run) == [
        ("each", 1, "failed"),
        ("each/0/step", 1, "succeeded"),
        ("each/1/step", 1, "failed"),
        ("each", 2, "succeeded"),
        ("each/1/step", 2, "succeeded"),
    ]


@pytest.mark.parametrize("number", [0, 1])
def test_a_worker_that_dies_in_an_item_is_followed_there(start, recorder, number):
    run = start(*STEPS)
    recorder.then(*[dict] * number, die)
    abandoned(run)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    paths = ["each/0/step:1", "each/1/step:1"]
    paths.insert(number, paths[number])
    assert recorder.keys == keys(run, *paths)


def test_an_error_branch_of_an_item_runs_in_place_of_what_follows_in_it(finish, recorder):
    recorder.then(errors.PermanentError("No."))
    step = failing(action("step", text="a"), action("instead", text="sorry"))
    run = finish(each("each", step, action("behind", text="b")), action("last", text="c"))
    assert recorder.texts == ["a", "sorry", "a", "b", "c"]
    assert run.status == RunStatus.SUCCEEDED


def test_the_page_of_its_run_shows_the_steps_of_items_as_done(client_with, finish):
    run = finish(*STEPS)
    page = client_with("view_workflow", "view_run", "view_payload").get(address(run)).content.decode()
    assert "For each name" in page
    assert "Not reached" not in page


def test_a_person_chooses_the_branch_of_each_item(client_with, finish, recorder):
    large = group(compare("trigger.amount", "greater_than", usd(15)))
    choose = branch("choose", way("large", large, action("thank", text="a")))
    run = finish(each("each", {**choose, "if_undecided": "stop"}), obj=payment(500_000, "eur"))
    for chosen in ("large", "otherwise"):
        assert run.status == RunStatus.HELD
        on_runs.choose(run, chosen, NOBODY, revision=run.revision)
        execute(run.pk)
        run.refresh_from_db()
    assert run.status == RunStatus.SUCCEEDED
    assert [(row.path, row.branch_key) for row in run.steps.filter(kind="branch")] == [
        ("each/0/choose", "large"),
        ("each/1/choose", "otherwise"),
    ]
    assert recorder.keys == keys(run, "each/0/thank:1")
    page = client_with("view_workflow", "view_run").get(address(run))
    assert "Chosen by" in page.content.decode()


def test_the_api_answers_with_the_path_of_each_step(user_with, finish, settings):
    settings.ROOT_URLCONF = "tests.workflows.api.urls"
    run = finish(*STEPS)
    api = Api(user_with(*ALL, username="program"))
    found = api.get(f"runs/{run.pk}/").json()
    items = api.get(f"runs/{run.pk}/items/").json()["results"]
    steps = api.get(f"runs/{run.pk}/items/{items[1]['id']}/").json()["steps"]
    assert [(one["path"], one["inputs"]) for one in (*found["steps"], *steps)] == [
        ("each", {"names": "Anna, Ben"}),
        ("each/1/step", {"text": "a"}),
    ]
    assert [(one["path"], one["count"], one["succeeded"]) for one in found["loops"]] == [("each", 2, 2)]


def test_its_steps_are_counted_for_each_item(finish):
    run = finish(*STEPS)
    counts = counts_of(run.version, Range.ALL)
    assert (counts.steps["each"], counts.steps["step"]) == ({"succeeded": 1}, {"succeeded": 2})


def test_a_person_says_what_became_of_the_second_items_step(finish, recorder):
    recorder.then(dict, errors.UnknownOutcome("Timeout."))
    run = finish(each("each", action("step", "test.ask", text="a")), action("last", text="b"))
    assert run.status == RunStatus.OUTCOME_UNKNOWN
    on_runs.confirm(run, NOBODY, revision=run.revision)
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert recorder.texts == ["a", "a", "b"]


@pytest.mark.parametrize("more", [{"item": Item(0, "Anna")}, {"instead": True}, {"again": True}])
def test_what_is_not_recorded_of_an_answer_is_refused_before_anything_runs(
    finish, recorder, monkeypatch, more
):
    monkeypatch.setattr(Section, "act", lambda self, plan, inputs, **rest: Enter(plan.lane("body"), **more))
    run = finish(section("part", action("inside", text="a")))
    assert (run.status, run.error["code"], recorder.texts) == (RunStatus.FAILED, "engine_crashed", [])
