"""What the threads of a worker write at the same moment: one commit, and each answers for itself."""

from datetime import timedelta
from unittest import mock

import pytest
from django.db import OperationalError, connection
from django.utils import timezone

from stripeflow.triggers.sql import ALONE
from stripeflow.workflows.engine import transitions
from stripeflow.workflows.engine.transitions import (
    Leaving,
    LostLease,
    cancel,
    claim_run,
    claim_runs,
    end_step,
    start_step,
)
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.crashes.points import Points
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db(transaction=True)


class _Caught(Exception):
    """Ends a thread where it would wait for the others."""


def at_once(*acts):
    """What these acts give to the shared commit, on any database."""
    writes = []

    def write(item):
        writes.append(item)
        raise _Caught

    with (
        mock.patch.object(connection, "vendor", "sqlite"),
        mock.patch.object(transitions._together, "write", write),
    ):
        for act in acts:
            with pytest.raises(_Caught):
                act()
    return writes


def intents(claims, steps, *, now=None):
    moment = now or timezone.now()
    return at_once(
        *(
            lambda claim=claim, step=step: start_step(claim, step, now=moment)
            for claim, step in zip(claims, steps, strict=True)
        )
    )


def outcomes(claims, steps):
    return at_once(
        *(
            lambda claim=claim, step=step: end_step(
                claim, step, StepStatus.SUCCEEDED, leaving=Leaving(RunStatus.SUCCEEDED, {"error": None})
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


@pytest.mark.parametrize("seconds", [0, 30])
def test_intents_and_outcomes_are_one_commit_each(claims, steps, seconds):
    with mock.patch.object(connection, "_commit", wraps=connection._commit) as commit:
        transitions._make_all(intents(claims, steps, now=timezone.now() + timedelta(seconds=seconds)))
        assert (commit.call_count, begun()) == (1, 3)
        transitions._make_all(outcomes(claims, steps))
    assert (commit.call_count, ended()) == (2, (3, 3))


def test_a_run_that_was_lost_answers_for_itself(claims, steps):
    writes = intents(claims, steps)
    cancel(claims[1].run_id, now=timezone.now())
    assert transitions._make_all(writes)[1] is ALONE
    with pytest.raises(LostLease):
        writes[1].make()
    assert set(StepRun.objects.values_list("run_id", flat=True)) == {claims[0].run_id, claims[2].run_id}


def test_after_a_commit_that_failed_each_can_be_written_alone(claims, steps):
    writes = intents(claims, steps)
    with (
        mock.patch.object(connection, "_commit", side_effect=OperationalError("The disk is full.")),
        pytest.raises(OperationalError),
    ):
        transitions._make_all(writes)
    assert not StepRun.objects.exists()
    for write in writes:
        write.make()
    assert begun() == 3
    assert {step.pk for step in steps} == set(StepRun.objects.values_list("pk", flat=True))


def test_several_runs_are_claimed_and_none_that_another_worker_has(start):
    runs = [start(action("one", text="a")) for _number in range(3)]
    other = claim_run(runs[1].pk, now=timezone.now())
    claims = claim_runs([run.pk for run in runs], now=timezone.now())
    assert [claim.run_id for claim in claims] == [runs[0].pk, runs[2].pk]
    tokens = dict(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("pk", "token"))
    assert tokens == {claim.run_id: claim.token for claim in (*claims, other)}


def test_claims_are_one_commit_with_what_other_threads_write(claims, steps, start):
    runs = [start(action("one", text="a")) for _number in range(2)]
    writes = intents(claims, steps) + at_once(
        lambda: claim_runs([run.pk for run in runs], now=timezone.now())
    )
    with mock.patch.object(connection, "_commit", wraps=connection._commit) as commit:
        *_steps, claimed = transitions._make_all(writes)
    assert (commit.call_count, begun()) == (1, 3)
    tokens = dict(Run.objects.filter(pk__in=[run.pk for run in runs]).values_list("pk", "token"))
    assert tokens == {claim.run_id: claim.token for claim in claimed}


def test_nothing_to_claim_writes_nothing(django_assert_num_queries):
    with django_assert_num_queries(0):
        assert claim_runs([], now=timezone.now()) == []


@pytest.mark.parametrize("number", range(1, 9))
def test_a_death_between_two_intents_leaves_none_or_all(claims, steps, number):
    """Six points around three inserts, and two around their commit; no call is made before the last one."""
    points = Points(die_at=number)
    with points.watching():
        transitions._make_all(intents(claims, steps))
    assert points.dead
    assert begun() == (3 if points.names[-1] == "after COMMIT" else 0)
    assert (points.names[-1] == "after COMMIT") == (number == 8)


def test_a_death_between_two_outcomes_leaves_none_or_all(claims, steps):
    transitions._make_all(intents(claims, steps))
    number, is_over = 0, False
    while not is_over:
        number += 1
        points = Points(die_at=number)
        with points.watching():
            transitions._make_all(outcomes(claims, steps))
        is_over = points.names[-1] == "after COMMIT"
        assert points.dead
        assert ended() == ((3, 3) if is_over else (0, 0))
    assert number > 6
