"""Workflows that start by themselves, for tests."""

from stripeflow.workflows.models import Schedule
from stripeflow.workflows.operations import lifecycle
from tests.workflows.documents import action, document

LIVE = {"mode": "live", "accounts": "own"}


def scheduled(*steps, **settings):
    """A document with a schedule; every hour if nothing else is said."""
    made = document(*(steps or [action("one", text="{{ trigger.scheduled_for }}")]))
    settings = settings or {"repeats": "hours", "every": 1}
    made["trigger"] = {"type": "recurring_schedule", "scope": LIVE, **settings}
    return made


def hourly(**settings):
    """An active workflow with a schedule, by its row."""
    workflow = lifecycle.create(scheduled(**{"repeats": "hours", "every": 1, **settings}))
    lifecycle.activate(workflow)
    return Schedule.objects.select_related("workflow").get(workflow=workflow)
