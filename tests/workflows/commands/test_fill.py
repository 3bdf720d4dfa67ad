"""`stripeflow_fill`: shows the times of a period, and starts those that have not run."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from stripeflow.workflows.models import Run
from tests.workflows.schedules.documents import hourly

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("recorder", "queue")]


def told(row, *words):
    since = row.next_at - timedelta(hours=3)
    out = StringIO()
    arguments = (str(row.workflow_id), "--since", since.isoformat(), "--until", row.next_at.isoformat())
    call_command("stripeflow_fill", *arguments, *words, stdout=out)
    return out.getvalue()


def test_the_times_are_shown_and_started_once():
    row = hourly()
    assert "3 runs would start. Say so with --yes." in told(row)
    assert not Run.objects.exists()
    assert "Started 3 runs." in told(row, "--yes")
    assert told(row).count("It has run already.") == 3
    with pytest.raises(CommandError, match="Choose at least one time"):
        told(row, "--yes")
    assert Run.objects.count() == 3
