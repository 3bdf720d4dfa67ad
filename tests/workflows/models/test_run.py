"""What is looked up in the tables that grow is found by an index, also where that holds few of the rows."""

from uuid import uuid4

import pytest
from django.db import connection

from stripeflow.workflows.models import Run, StepRun

LOOK_UPS = {
    "stripeflow_step_once_per_group": lambda: StepRun.objects.filter(run=uuid4()),
    "stripeflow_run_reruns": lambda: Run.objects.filter(rerun_of=uuid4()),
    "stripeflow_step_key": lambda: StepRun.objects.filter(idempotency_key__in=["k"]),
    "stripeflow_step_made": lambda: StepRun.objects.filter(made_id="re_1"),
}
# SQLite gives the index of a constraint without a condition a name of its own.
CONSTRAINT = "sqlite_autoindex_stripeflow_workflows_steprun_1"


@pytest.mark.django_db
@pytest.mark.parametrize("index", LOOK_UPS)
def test_a_look_up_uses_its_index(index):
    if connection.vendor == "postgresql":  # which reads so small a table at once
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL enable_seqscan = off")
    plan = LOOK_UPS[index]().order_by().explain()
    assert index in plan or CONSTRAINT in plan
