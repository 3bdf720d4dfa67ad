"""How many runs wait at each step, and since when."""

import pytest

from stripeflow.actions import errors
from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.history.waiting import waits_of
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.operations import lifecycle, on_runs
from stripeflow.workflows.states import RunStatus
from tests.workflows.blocks.waits.steps import wait
from tests.workflows.documents import action, document
from tests.workflows.events import accept, payment

pytestmark = pytest.mark.django_db


@pytest.fixture
def runs(recorder, queue):
    """Three runs of one workflow that wait, oldest first."""
    workflow = lifecycle.create(document(wait(), action("after", text="a")))
    lifecycle.activate(workflow)
    for _number in range(3):
        accept(payment())
    for run in Run.objects.all():
        execute(run.pk)
    return list(Run.objects.order_by("steps__started_at"))


def found(runs):
    return {key: at.runs for key, at in waits_of([runs[0].version_id]).items()}


def test_runs_that_wait_are_counted_by_step_since_the_first(runs):
    [(key, at)] = waits_of([runs[0].version_id]).items()
    assert (key, at.runs, at.since) == ("wait", 3, runs[0].steps.get().started_at)
    assert at.sentence.startswith("3 runs wait here, since ")


def test_those_that_go_on_or_are_canceled_count_no_more(runs):
    on_runs.cancel(runs[0], NOBODY)
    on_runs.wake(runs[1], NOBODY)
    execute(runs[1].pk)
    assert found(runs) == {"wait": 1}
    assert runs[0].steps.get().status == "skipped"


def test_one_that_is_held_where_it_waits_still_counts(runs):
    Run.objects.filter(pk=runs[0].pk).update(status=RunStatus.HELD, held_reason=HeldReason.PAUSED)
    assert found(runs) == {"wait": 3}


def test_a_step_that_is_tried_again_later_does_not_count(start, recorder):
    run = start(action("one", text="a"))
    recorder.then(errors.TransientError("Busy."))
    assert execute(run.pk) is RunStatus.WAITING
    assert waits_of([run.version_id]) == {}
