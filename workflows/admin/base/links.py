"""Addresses of our admin pages that other pages link to."""

from typing import Any

from django.http import HttpRequest
from django.urls import reverse

from stripeflow.workflows import permissions
from stripeflow.workflows.models import Workflow


def workflow_url(workflow: Workflow, anchor: str = "") -> str:
    """The address of the workflow's page, at one of its cards."""
    address = reverse("admin:stripeflow_workflows_workflow_change", args=[workflow.pk])
    return f"{address}#{anchor}" if anchor else address


def entries_url(request: HttpRequest, **wanted: Any) -> str:
    """The address of the list for one workflow or object; "" for people who may not read it."""
    if not permissions.may_see_audit_log(request.user):
        return ""
    address = reverse("admin:stripeflow_workflows_auditentry_changelist")
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in wanted.items())}"
