"""What threads of a worker write at the same moment on PostgreSQL: one statement, each answers for itself."""

from copy import copy
from unittest import mock

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from stripeflow.triggers.sql import ALONE, SharedCommit
from stripeflow.workflows.engine.transitions import (
    Leaving,
    LostLease,
    cancel,
    claim_run,
    claim_runs,
    end_step,
    start_step,
)
from stripeflow.workflows.limits import switch
from stripeflow.workflows.limits.gates import ALL, GateClosed
from stripeflow.workflows.models import Run, StepRun, Workflow
from stripeflow.workflows.models.run import HeldReason
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.crashes.points import Points
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db

STRANGE = {"text": "“%s” \\ ' \U0001f600", "large": 10**30, "float": 0.1, "none": None, "list": [[], {}]}


class _Caught(Exception):
    """Ends a thread where it would wait for the others."""


@pytest.fixture
def steps(steps):
    """With inputs that are hard to write."""
    for step in steps:
        step.inputs = STRANGE
    return steps


def together(*acts):
    """Write what these acts give to one shared commit, as its leader does; what it says of each."""
    given = []

    def write(shared, item):
        given.append((shared, item))
        raise _Caught

    with mock.patch.object(SharedCommit, "write", write):
        for act in acts:
            with pytest.raises(_Caught):
                act()
    (shared,) = {shared for shared, _item in given}
    items = [item for _shared, item in given]
    return lambda: shared._together(items), items


def intents(claims, steps, gates=ALL):
    return together(
        *(
            lambda claim=claim, step=step: start_step(claim, step, now=timezone.now(), gates=gates)
            for claim, step in zip(claims, steps, strict=True)
        )
    )


def outcomes(claims, steps, *, leaving=True):
    left = Leaving(RunStatus.SUCCEEDED, {"error": None}) if leaving else None
    columns = {"outputs": STRANGE, "error": None, "finished_at": timezone.now()}
    return together(
        *(
            lambda claim=claim, step=step: end_step(
                claim, step, StepStatus.SUCCEEDED, leaving=left, **columns
            )
            for claim, step in zip(claims, steps, strict=True)
        )
    )


def begun():
    return StepRun.objects.filter(status=StepStatus.STARTED).count()


def ended():
    return (
        StepRun.objects.filter(status=StepStatus.SUCCEEDED).count(),
        Run.objects.filter(status=RunStatus.SUCCEEDED).count(),
    )


def row(model, pk, *besides):
    found = model.objects.values().get(pk=pk)
    return {name: value for name, value in found.items() if name not in besides}


@pytest.mark.postgresql
def test_intents_and_outcomes_are_one_statement_each(claims, steps):
    with CaptureQueriesContext(connection) as captured:
        write, _items = intents(claims, steps)
        assert write() == [None, None, None]
        assert begun() == 3
        write, _items = outcomes(claims, steps)
        assert write() == [True, True, True]
    assert [query["sql"].split()[0] for query in captured] == ["INSERT", "SELECT", "WITH"]
    assert ended() == (3, 3)


@pytest.mark.postgresql
def test_each_row_is_as_it_is_when_written_alone(claims, steps):
    write, items = intents(claims[:2], steps[:2])
    write()
    start_step(claims[2], steps[2], now=timezone.now(), gates=ALL)
    write, _items = outcomes(claims[:2], steps[:2])
    write()
    left = Leaving(RunStatus.SUCCEEDED, {"error": None})
    columns = {"outputs": STRANGE, "error": None, "finished_at": timezone.now()}
    end_step(claims[2], steps[2], StepStatus.SUCCEEDED, leaving=left, **columns)
    own = ("id", "run_id", "version_id", "run_created_at", "token", "started_at", "finished_at")
    first, _second, third = (row(StepRun, step.pk, *own) for step in steps)
    assert first == third
    ended = Run.objects.filter(pk__in=[claim.run_id for claim in claims], finished_at__isnull=False)
    columns = ("status", "token", "lease_expires_at", "error", "rung_at", "idle_claims", "due_at")
    assert set(ended.values_list(*columns)) == {(RunStatus.SUCCEEDED, None, None, None, None, 0, None)}
    assert len(ended) == 3
    assert all(row(StepRun, step.pk)["finished_at"] for step in steps)


@pytest.mark.postgresql
def test_an_outcome_that_leaves_its_run_alone(claims, steps):
    intents(claims, steps)[0]()
    write, _items = outcomes(claims, steps, leaving=False)
    assert write() == [True, True, True]
    assert ended() == (3, 0)


@pytest.mark.postgresql
def test_a_run_that_was_lost_answers_for_itself(claims, steps):
    cancel(claims[1].run_id, now=timezone.now())
    write, items = intents(claims, steps)
    assert write() == [None, ALONE, None]
    with pytest.raises(LostLease):
        items[1].alone()
    assert set(StepRun.objects.values_list("run_id", flat=True)) == {claims[0].run_id, claims[2].run_id}


@pytest.mark.postgresql
def test_a_run_that_was_lost_keeps_its_outcome_to_be_reported(claims, steps):
    """As alone: the outcome of the call stands, and the run is not left again."""
    intents(claims, steps)[0]()
    cancel(claims[1].run_id, now=timezone.now())
    write, _items = outcomes(claims, steps)
    assert write() == [True, False, True]
    assert ended() == (3, 2)


@pytest.mark.postgresql
def test_a_step_that_was_taken_over_is_not_written(claims, steps):
    intents(claims, steps)[0]()
    StepRun.objects.filter(pk=steps[0].pk).update(status=StepStatus.OUTCOME_UNKNOWN)
    write, items = outcomes(claims, steps)
    assert write() == [ALONE, True, True]
    with pytest.raises(LostLease):
        items[0].alone()
    assert ended() == (2, 2)


@pytest.mark.postgresql
def test_a_closed_gate_keeps_its_own_step_from_beginning(claims, steps):
    paused = Run.objects.get(pk=claims[2].run_id).workflow_id
    Workflow.objects.filter(pk=paused).update(paused_at=timezone.now())
    write, items = intents(claims, steps)
    assert write() == [None, None, ALONE]
    with pytest.raises(GateClosed) as closed:
        items[2].alone()
    assert closed.value.reason == HeldReason.PAUSED
    assert begun() == 2


@pytest.mark.postgresql
def test_the_kill_switch_keeps_all_from_beginning(claims, steps):
    switch.stop()
    write, _items = intents(claims, steps)
    assert write() == [ALONE, ALONE, ALONE]
    assert not StepRun.objects.exists()


@pytest.mark.postgresql
def test_a_step_that_is_there_already_undoes_all_and_each_can_be_written_alone(claims, steps):
    copy(steps[0]).save()
    write, items = intents(claims, steps)
    with pytest.raises(IntegrityError), transaction.atomic():
        write()
    assert StepRun.objects.count() == 1
    with pytest.raises(LostLease), transaction.atomic():
        items[0].alone()
    for item in items[1:]:
        item.alone()
    assert StepRun.objects.count() == 3


@pytest.mark.postgresql
def test_several_runs_are_claimed_by_one_statement(start, django_assert_num_queries):
    runs = [start(action("one", text="a")) for _number in range(3)]
    other = claim_run(runs[1].pk, now=timezone.now())
    with django_assert_num_queries(1):
        claims = claim_runs([run.pk for run in runs], now=timezone.now())
    assert {claim.run_id for claim in claims} == {runs[0].pk, runs[2].pk}
    tokens = dict(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("pk", "token"))
    assert tokens == {claim.run_id: claim.token for claim in (*claims, other)}
    assert len(set(tokens.values())) == 3


@pytest.mark.postgresql
def test_claims_of_one_statement_are_those_of_single_ones(start):
    runs = [start(action("one", text="a")) for _number in range(3)]
    now = timezone.now()
    claims = [*claim_runs([run.pk for run in runs[:2]], now=now), claim_run(runs[2].pk, now=now)]
    assert len({claim.fresh_until for claim in claims}) == 1
    columns = ("status", "lease_expires_at", "claims", "idle_claims", "due_at", "started_at")
    assert len(set(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list(*columns))) == 1


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 2])
def test_a_death_leaves_none_or_all_of_the_intents(claims, steps, number):
    points = Points(die_at=number)
    with points.watching():
        intents(claims, steps)[0]()
    assert points.dead
    assert begun() == (3 if points.names[-1].startswith("after") else 0)


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 2])
def test_a_death_leaves_none_or_all_of_the_outcomes(claims, steps, number):
    intents(claims, steps)[0]()
    points = Points(die_at=number)
    with points.watching():
        outcomes(claims, steps)[0]()
    assert points.dead
    assert ended() == ((3, 3) if points.names[-1].startswith("after") else (0, 0))


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("number", [1, 2])
def test_a_death_leaves_none_or_all_of_the_claims(start, number):
    runs = [start(action("one", text="a")) for _number in range(3)]
    points = Points(die_at=number)
    with points.watching():
        claim_runs([run.pk for run in runs], now=timezone.now())
    assert points.dead
    claimed = Run.objects.filter(status=RunStatus.RUNNING).count()
    assert claimed == (3 if points.names[-1].startswith("after") else 0)
