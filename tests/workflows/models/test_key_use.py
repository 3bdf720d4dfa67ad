from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from stripeflow.workflows.audit.acts import NOBODY
from stripeflow.workflows.maintenance.retention import prune
from stripeflow.workflows.models import KeyUse, Run
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

pytestmark = pytest.mark.django_db

NOW = timezone.now()
WEEK = timedelta(days=7)
SECOND = timedelta(seconds=1)


@pytest.fixture
def workflow(recorder):
    return lifecycle.create(document(action("one", text="a")))


def run_of(workflow, **columns):
    return Run(pk=uuid4(), workflow=workflow, **{"livemode": True, "account": "", **columns})


def claim(run, *, key="cus_1", step_key="once", path="once", now=NOW, every=WEEK):
    return KeyUse.objects.claim(run, step_key=step_key, path=path, key=key, every=every, now=now)


def test_another_run_passes_only_once_the_period_is_over(workflow):
    assert claim(run_of(workflow))
    assert not claim(run_of(workflow), now=NOW + WEEK - SECOND)
    assert claim(run_of(workflow), now=NOW + WEEK)
    assert not claim(run_of(workflow), now=NOW + WEEK + SECOND)


def test_the_same_run_passes_again_at_the_same_path_alone(workflow):
    run = run_of(workflow)
    assert claim(run)
    assert claim(run, now=NOW + SECOND)
    assert not claim(run, path="each/1/once", now=NOW + SECOND)


def test_a_clock_that_was_set_back_lets_nobody_pass(workflow):
    assert claim(run_of(workflow))
    assert not claim(run_of(workflow), now=NOW - timedelta(days=30))


def test_the_period_is_that_of_the_run_that_asks(workflow):
    assert claim(run_of(workflow))
    assert claim(run_of(workflow), now=NOW + timedelta(days=2), every=timedelta(days=1))


@pytest.mark.parametrize(
    ("columns", "asked"),
    [
        ({}, {"key": "cus_2"}),
        ({}, {"step_key": "other"}),
        ({"livemode": False}, {}),
        ({"account": "acct_1"}, {}),
    ],
    ids=["key", "step", "mode", "account"],
)
def test_keys_count_by_step_mode_and_account(workflow, columns, asked):
    assert claim(run_of(workflow))
    assert claim(run_of(workflow, **columns), **asked)


def test_another_workflow_counts_by_itself(workflow):
    assert claim(run_of(workflow))
    assert claim(run_of(lifecycle.create(document(action("one", text="a"), name="Other"))))


def test_the_key_itself_is_not_kept(workflow):
    claim(run_of(workflow), key="anna@example.com \ud800")
    assert "anna" not in str(KeyUse.objects.values().get())


def test_what_no_period_reaches_is_deleted_with_old_rows(workflow):
    claim(run_of(workflow), now=NOW - timedelta(days=401))
    claim(run_of(workflow), key="cus_2", now=NOW - timedelta(days=399))
    prune(timedelta(days=1))
    assert KeyUse.objects.count() == 1


def test_it_goes_with_its_workflow(workflow):
    claim(run_of(workflow))
    lifecycle.delete(workflow, act=NOBODY)
    assert not KeyUse.objects.exists()
