"""On PostgreSQL, one statement for runs that several threads load at the same moment."""

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from stripeflow.triggers.account_mode import AccountMode
from stripeflow.triggers.sql import ALONE
from stripeflow.workflows.engine import loading
from stripeflow.workflows.limits import pausing
from stripeflow.workflows.models import Run
from stripeflow.workflows.models.limits import PauseCause
from tests.workflows.documents import action

pytestmark = pytest.mark.django_db


def seen(run):
    """All that a walk gets: the columns that were read, of the run and of what belongs to it."""
    left_out = ("_state", "event", "workflow")
    return [
        {name: value for name, value in vars(row).items() if name not in left_out}
        for row in (run, run.event, run.workflow)
    ]


@pytest.mark.postgresql
def test_several_are_loaded_by_one_statement_each_as_alone(start):
    runs = [start(action("one", text=f"text {number}")) for number in range(3)]
    paused = runs[1]
    pausing.pause_account(paused.workflow_id, AccountMode.of(paused), "Wait.", cause=PauseCause.REFUSED)
    alone = [seen(loading._one(run.pk)) for run in runs]
    with CaptureQueriesContext(connection) as queries:
        together = loading._several([run.pk for run in reversed(runs)])
    assert [seen(run) for run in reversed(together)] == alone
    assert [run.is_account_paused for run in reversed(together)] == [False, True, False]
    assert len(queries) == 1


@pytest.mark.postgresql
def test_one_that_is_gone_says_so_alone(start):
    run = start(action("one", text="a"))
    found, gone = loading._several([run.pk, uuid4()])
    assert found.pk == run.pk
    assert gone is ALONE
    with pytest.raises(Run.DoesNotExist):
        loading.loaded(uuid4())
