"""That a run goes on behind a failed step is recorded with the failure; older rows get it by a migration."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.db import connection
from django.utils import timezone

from stripeflow.actions import registry
from stripeflow.actions.errors import PermanentError, ReplayedError, UnknownOutcome
from stripeflow.actions.look_up import NotFound
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations import on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.documents import action, branch, compare, failing, group, usd, way

pytestmark = pytest.mark.django_db

migration = import_module("stripeflow.workflows.migrations.0014_a_step_run_says_that_its_failure_was_handled")

LARGE = group(compare("trigger.amount", "greater_than", usd(1)))
GOES_ON = {**action("goes_on", text="a"), "on_error": "continue"}


@pytest.mark.parametrize("step", [action("one", text="a"), action("one", text="{{ trigger.metadata.no }}")])
@pytest.mark.parametrize(("on_error", "is_handled"), [("stop", False), ("continue", True)])
def test_a_failure_says_whether_the_run_goes_on(finish, recorder, step, on_error, is_handled):
    recorder.then(PermanentError("No."))
    run = finish({**step, "on_error": on_error})
    assert recorded(run) == {"one": is_handled}


def test_a_failure_that_took_its_error_branch_says_so(finish, recorder):
    recorder.then(PermanentError("No."))
    run = finish(failing(action("one", text="a"), action("rescue", text="b")))
    assert recorded(run) == {"one": True, "rescue": False}


def test_a_call_that_is_sent_with_the_next_key_has_not_failed(finish, recorder, monkeypatch):
    monkeypatch.setattr(type(registry.get("test.record")), "look_up", lambda *_: NotFound())
    recorder.then(ReplayedError("Stripe says the same again."))
    run = finish({**action("one", text="a"), "on_error": "continue"})
    Run.objects.filter(pk=run.pk).update(due_at=timezone.now())
    assert execute(run.pk) is RunStatus.SUCCEEDED
    assert [step.handled for step in run.steps.all()] == [False, False]


@pytest.mark.parametrize(("on_error", "is_handled"), [("stop", False), ("continue", True)])
def test_a_person_who_says_that_it_did_not_happen_has_it_recorded_too(finish, recorder, on_error, is_handled):
    recorder.then(UnknownOutcome("Timeout."))
    run = finish({**action("one", "test.ask", text="a"), "on_error": on_error})
    on_runs.deny(run, on_runs.Act(), revision=run.revision)
    assert recorded(run) == {"one": is_handled}


@pytest.fixture
def older(finish, recorder):
    """The runs of these steps, whose calls all fail, as they were before the column."""

    def older(*steps):
        recorder.then(*[PermanentError("No.")] * 4)
        run = finish(*steps)
        StepRun.objects.update(handled=False)
        return run

    return older


def handled(run):
    migration.fill(apps, SimpleNamespace(connection=connection))
    return recorded(run)


def recorded(run):
    return {step.step_key: step.handled for step in run.steps.all()}


def test_a_step_behind_which_the_run_goes_on(older):
    assert handled(older(GOES_ON, action("stops", text="b"))) == {"goes_on": True, "stops": False}


def test_a_step_with_an_error_branch_and_one_within_it(older):
    run = older(failing(action("one", text="a"), GOES_ON))
    assert handled(run) == {"one": True, "goes_on": True}


def test_a_step_in_a_branch(older):
    assert handled(older(branch("choose", way("large", LARGE, GOES_ON)))) == {
        "choose": False,
        "goes_on": True,
    }


def test_a_step_that_succeeded(older, recorder):
    run = older(GOES_ON)
    StepRun.objects.update(status="succeeded")
    assert handled(run) == {"goes_on": False}


def test_a_step_whose_place_a_later_group_took(older):
    run = older(GOES_ON)
    StepRun.objects.update(superseded_at=timezone.now())
    assert handled(run) == {"goes_on": False}
