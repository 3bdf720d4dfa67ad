"""The history of a workflow in Django's admin, which is not the audit log."""

from typing import Any

from django.contrib.admin.models import ADDITION, CHANGE, LogEntry
from django.http import HttpRequest

from stripeflow.workflows.models import Workflow


def log_on_workflow(request: HttpRequest, workflow: Workflow, message: Any) -> None:
    """Write a line into the workflow's history: a sentence, or Django's structured change message."""
    LogEntry.objects.log_actions(request.user.pk, [workflow], CHANGE, message, single_object=True)


def log_new_workflow(request: HttpRequest, workflow: Workflow, message: str) -> None:
    """Begin the workflow's history with where it came from."""
    LogEntry.objects.log_actions(request.user.pk, [workflow], ADDITION, message, single_object=True)
