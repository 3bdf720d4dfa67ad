"""Whatever happens in whatever order: nothing twice, nothing lost, and an end.

STRIPEFLOW_MACHINE_EXAMPLES and STRIPEFLOW_MACHINE_STEPS make it longer; Hypothesis prints how to
repeat a failure.
"""

import os
from datetime import timedelta

import pytest
from django.db.models import F
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from stripeflow.actions.look_up import Found, NotFound
from stripeflow.workflows.blocks.waits.for_a_time import WaitBlock
from stripeflow.workflows.engine import attempt, attempt_case, looking_up, transitions
from stripeflow.workflows.engine.attempt import Attempt
from stripeflow.workflows.engine.frames import Next
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus, StepStatus
from tests.campaigns.machine import Machine
from tests.campaigns.pretend_stripe import (
    DIES_AFTER,
    DIES_BEFORE,
    KEPT_AFTER,
    KEPT_BEFORE,
    LOST_REPLY,
    OK,
    SLOW,
)

EXAMPLES = int(os.environ.get("STRIPEFLOW_MACHINE_EXAMPLES", "12"))
STEPS = int(os.environ.get("STRIPEFLOW_MACHINE_STEPS", "25"))

pytestmark = pytest.mark.django_db


@pytest.mark.timeout(300 + EXAMPLES * STEPS)
def test_no_order_of_events_breaks_the_guarantee():
    profile = settings(
        max_examples=EXAMPLES,
        stateful_step_count=STEPS,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
        phases=[Phase.generate, Phase.shrink],
    )
    run_state_machine_as_test(Machine, settings=profile)


@pytest.fixture
def machine():
    """A machine that a test drives by hand; nothing else has happened to it."""
    machine = Machine()
    machine.two_workflows()
    yield machine
    machine._stack.close()


def live(machine, *plans):
    """Let one worker after the other live by its plan, and judge."""
    for plan in plans:
        machine.work_later(list(plan), seconds=130)
        machine.nothing_happened_twice()
        machine.states_change_by_the_table()
        machine.what_is_recorded_stays()
        machine.only_people_and_look_ups_open_the_next_group()


UGLY = ([DIES_AFTER], [OK, LOST_REPLY], [SLOW, DIES_BEFORE], [OK, OK, SLOW], [LOST_REPLY], [DIES_AFTER], [OK])


def live_to_the_end(machine, *plans):
    live(machine, *plans)
    machine._settle()
    machine._judge_the_end()


def test_the_machine_itself_reaches_an_end(machine):
    live_to_the_end(machine, *UGLY)
    assert Run.objects.filter(status=RunStatus.SUCCEEDED).exists()
    # It saw them: each run was taken, left and ended.
    assert machine.transitions.count > 3 * Run.objects.count()


def test_finds_a_key_that_changes_with_each_attempt(machine, monkeypatch):
    monkeypatch.setattr(attempt, "start_step", with_another_key)
    with pytest.raises(AssertionError):
        live(machine, *UGLY)


def with_another_key(claim, step, **options):
    step.idempotency_key += f":{step.attempts}"
    return transitions.start_step(claim, step, **options)


def test_finds_an_e_mail_that_is_repeated(machine, monkeypatch):
    monkeypatch.setattr(Attempt, "_check_repeat", lambda *_: None)
    machine.queue.messages.clear()
    machine.deliver(large=False, arrives=True)
    # The run that is rung for calls "first", "look" and "tell".
    with pytest.raises(AssertionError):
        live(machine, [OK, OK, DIES_AFTER], [OK])


def test_finds_a_key_that_stripe_has_forgotten(machine, monkeypatch):
    for module in (attempt_case, looking_up):
        monkeypatch.setattr(module, "KEY_IS_SAFE_FOR", timedelta(days=3))
    machine.work([LOST_REPLY] * 8)
    machine.clock.forward(timedelta(hours=25))
    with pytest.raises(AssertionError):
        live(machine, [OK], [OK])


@pytest.mark.parametrize("answer", [Found({"text": "never"}), NotFound()])
def test_finds_a_look_up_that_tells_the_contrary(machine, monkeypatch, answer):
    kept = KEPT_AFTER if isinstance(answer, NotFound) else KEPT_BEFORE
    monkeypatch.setattr(machine.stripe, "look_up", lambda *_: answer)
    with pytest.raises(AssertionError):
        live_to_the_end(machine, *[[kept, OK]] * 6)


def test_finds_a_recorded_outcome_that_changes(machine):
    live(machine, [OK], [OK])
    StepRun.objects.filter(status=StepStatus.SUCCEEDED).update(outputs={})
    machine.memory.look()
    assert machine.memory.changed != []


def test_finds_a_change_of_state_that_the_table_does_not_have(machine):
    live(machine, [OK], [OK])
    Run.objects.filter(status=RunStatus.SUCCEEDED).update(status=RunStatus.QUEUED)
    with pytest.raises(AssertionError):
        machine.states_change_by_the_table()


def test_finds_a_wait_that_is_put_off(machine):
    live(machine, [OK], [OK])
    machine.waits_end_when_they_are_due_or_a_person_ends_them()
    assert StepRun.objects.filter(path="wait").update(due_at=F("due_at") + timedelta(seconds=1))
    with pytest.raises(AssertionError):
        machine.waits_end_when_they_are_due_or_a_person_ends_them()


def test_finds_a_wait_that_ends_too_early(machine, monkeypatch):
    monkeypatch.setattr(WaitBlock, "act", lambda *_plan, **_rest: Next({"until": 0}))
    live(machine, [OK], [OK])
    with pytest.raises(AssertionError):
        machine.waits_end_when_they_are_due_or_a_person_ends_them()


def test_finds_a_run_without_an_end(machine, monkeypatch):
    machine.work([DIES_BEFORE])
    machine.work([DIES_BEFORE])
    monkeypatch.setattr("tests.campaigns.machine.look_around", lambda: None)
    # What is rung for already would be worked off, and all that waits with it.
    machine.queue.messages.clear()
    with pytest.raises(AssertionError, match="never ended"):
        machine._settle()


def test_a_run_that_ends_every_worker_comes_to_an_end(machine):
    machine.die_outside_a_step(6, 46)
    machine._settle()
    assert Run.objects.filter(error__code="workers_lost").exists()


def test_finds_a_run_that_is_never_given_up(machine, monkeypatch):
    monkeypatch.setattr("stripeflow.workflows.worker.due.give_up_exhausted", lambda: 0)
    machine.die_outside_a_step(6, 46)
    with pytest.raises(AssertionError, match="never ended"):
        machine._settle()
