from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from stripeflow.workflows.engine.execution import execute
from stripeflow.workflows.models import Run

# A Thursday, in the summer of Berlin.
START = datetime(2026, 7, 2, 9, 30, tzinfo=UTC)


class Clock:
    """What the engine takes for the time."""

    def __init__(self):
        self.now = START

    def go(self, **span):
        self.now += timedelta(**span)


@pytest.fixture
def clock(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(timezone, "now", lambda: clock.now)
    return clock


@pytest.fixture
def at_work(clock):
    """Let a worker take the run, if it may; returns it as it is then."""

    def at_work(run):
        execute(run.pk)
        return Run.objects.get(pk=run.pk)

    return at_work
