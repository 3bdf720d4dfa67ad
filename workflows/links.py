"""Addresses in the admin for messages to link to."""

from django.urls import NoReverseMatch, reverse

from stripeflow.workflows.models import Run


def run_url(run: Run) -> str:
    """The path of the run's page in the admin, or "" in a project that does not mount the admin."""
    try:
        return reverse("admin:stripeflow_workflows_run_change", args=[run.pk])
    except NoReverseMatch:
        return ""
