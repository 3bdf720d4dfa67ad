"""The history of a workflow in Django's admin, which is not the audit log."""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.http import HttpRequest

from stripeflow.workflows.admin.base.people import person_of
from stripeflow.workflows.models import Workflow


def log_on_workflow(request: HttpRequest, workflow: Workflow, message: Any) -> LogEntry:
    """Write a line into the workflow's history: a sentence, or Django's structured change message."""
    return LogEntry.objects.log_actions(
        person_of(request).pk, [workflow], CHANGE, message, single_object=True
    )


def log_new_workflow(request: HttpRequest, workflow: Workflow, message: str) -> LogEntry:
    """Begin the workflow's history with where it came from."""
    return LogEntry.objects.log_actions(
        person_of(request).pk, [workflow], ADDITION, message, single_object=True
    )
