"""What tests of shared writes begin with: runs that several threads of a worker have claimed."""

import pytest
from django.utils import timezone

from stripeflow.workflows.engine.transitions import claim_run
from stripeflow.workflows.models import Run, StepRun
from tests.workflows.documents import action


@pytest.fixture
def claims(start):
    """Three runs, as three threads have claimed them."""
    runs = [start(action("one", text="a")) for _number in range(3)]
    return [claim_run(run.pk, now=timezone.now()) for run in runs]


@pytest.fixture
def steps(claims):
    """The first step of each."""
    return [
        StepRun.of(
            Run.objects.get(pk=claim.run_id),
            path="one",
            step_key="one",
            kind="action",
            started_at=timezone.now(),
        )
        for claim in claims
    ]
