"""How many statements a run takes. The numbers are asserted, so that adding one is noticed."""

import pytest
from django.db import connection

from bench.plans import watched
from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.limits import switch
from stripeflow.workflows.versions.plans import plan_of
from tests.workflows.documents import action, branch, compare, group, usd, way

pytestmark = pytest.mark.django_db

# The end of the last step is one statement there, with the end of the run.
TOGETHER = int(connection.vendor == "postgresql")
# Claim, load; intent, outcome; the end.
ONE_STEP = 5 - TOGETHER
# Renewal, intent, outcome; for a branch, renewal and choice.
STEP, BRANCH = 3, 2


@pytest.fixture
def statements(start, monkeypatch):
    """The number that a run of these steps takes, once its plan is kept, and the switch was read."""

    def statements(*steps):
        execute(start(*steps, name="First").pk)
        run = start(*steps, name="Second")
        plan_of(run.version_id)
        monkeypatch.setattr(switch, "KEEP_SECONDS", 3600.0)  # it is read by the clock
        switch.is_stopped()
        with watched() as seen:
            execute(run.pk)
        return [sql for sql, _parameters in seen.statements if "SAVEPOINT" not in sql and "BEGIN" not in sql]

    return statements


def actions(count):
    return [action(f"step_{number}", text="a") for number in range(count)]


def test_one_step(statements):
    assert len(statements(*actions(1))) == ONE_STEP


@pytest.mark.parametrize("count", [2, 5, 20])
def test_each_further_step_takes_as_many(statements, count):
    assert len(statements(*actions(count))) == ONE_STEP + STEP * (count - 1)


@pytest.mark.parametrize("count", [1, 3])
def test_each_branch_takes_as_many(statements, count):
    large = group(compare("trigger.amount", "greater_than", usd(2000)))
    branches = [branch(f"choose_{number}", way("large", large)) for number in range(count)]
    # The first one written keeps the lease; the step renews it in its place.
    assert len(statements(*branches, *actions(1))) == ONE_STEP + BRANCH * count


def test_nothing_is_read_that_was_left_out_of_the_first_look(statements):
    reads = [sql for sql in statements(*actions(3)) if sql.startswith("SELECT")]
    assert len(reads) == 1
