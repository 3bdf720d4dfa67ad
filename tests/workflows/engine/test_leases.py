"""The lease: given with the claim, renewed with each step but a first one that comes at once."""

from datetime import timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows import conf
from stripeflow.workflows.engine import transitions
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.engine.transitions import LostLease, claim_run, start_step
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import StepStatus
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db


@pytest.fixture
def run(start):
    return start(action("one", text="a"), action("two", text="b"))


def intent(run, path="one"):
    return StepRun.of(run, path=path, step_key=path, kind="action", started_at=timezone.now())


def lease_of(run):
    return Run.objects.get(pk=run.pk).lease_expires_at


def after(seconds):
    return timezone.now() + timedelta(seconds=seconds)


def test_the_first_step_keeps_a_lease_that_was_just_given(run):
    claim = claim_run(run.pk, now=timezone.now())
    given = lease_of(run)
    start_step(claim, intent(run), now=after(1))
    assert lease_of(run) == given
    assert StepRun.objects.get().token == claim.token


def test_a_first_step_that_comes_late_renews_the_lease(run):
    claim = claim_run(run.pk, now=timezone.now())
    given = lease_of(run)
    start_step(claim, intent(run), now=after(conf.get("LEASE_SECONDS") / 9 + 1))
    assert lease_of(run) > given


def test_every_further_step_renews_the_lease(run):
    claim = claim_run(run.pk, now=timezone.now())
    given = lease_of(run)
    start_step(claim, intent(run), now=after(1))
    start_step(claim, intent(run, "two"), now=after(2))
    assert lease_of(run) > given


@pytest.mark.parametrize("seconds", [1, 30])
def test_a_first_step_needs_the_run(run, seconds):
    claim = claim_run(run.pk, now=timezone.now())
    transitions.cancel(run.pk, now=timezone.now())
    with pytest.raises(LostLease):
        start_step(claim, intent(run), now=after(seconds))
    assert not StepRun.objects.exists()


def test_a_first_step_needs_the_latest_claim(run):
    claim = claim_run(run.pk, now=timezone.now())
    Run.objects.update(lease_expires_at=after(-1))
    assert claim_run(run.pk, now=timezone.now()) is not None
    with pytest.raises(LostLease):
        start_step(claim, intent(run), now=timezone.now())


def test_a_step_that_was_written_counts_as_progress(run):
    claim = claim_run(run.pk, now=timezone.now())
    start_step(claim, intent(run), now=after(1))
    for expected in (1, 2):
        Run.objects.update(lease_expires_at=after(-1))
        assert claim_run(run.pk, now=timezone.now()) is not None
        assert Run.objects.get().idle_claims == expected


@pytest.mark.parametrize(("columns", "setting"), [({"claims": 1}, 5), ({}, 1)])
def test_a_claim_that_counts_is_counted_back_with_the_first_step(run, recorder, settings, columns, setting):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MAX_CLAIMS_WITHOUT_PROGRESS": setting}
    Run.objects.update(**columns)
    recorder.then(lambda: {"idle": Run.objects.get().idle_claims})
    execute(run.pk)
    assert StepRun.objects.get(path="one").outputs["idle"] == 0


def test_the_outcome_is_written_only_to_the_step_as_it_was_read(run):
    claim = claim_run(run.pk, now=timezone.now())
    step = start_step(claim, intent(run), now=timezone.now())
    StepRun.objects.update(status=StepStatus.OUTCOME_UNKNOWN)
    with pytest.raises(LostLease):
        transitions.end_step(claim, step, StepStatus.SUCCEEDED)
