"""Addresses in the admin for messages to link to."""

from functools import lru_cache
from uuid import UUID

from django.conf import settings
from django.urls import NoReverseMatch, get_script_prefix, get_urlconf, reverse
from django.utils.translation import get_language

from stripeflow.workflows.models import Run

_ANY_RUN = UUID(int=0)


def run_url(run: Run) -> str:
    """The path of the run's page in the admin, or "" in a project that does not mount the admin."""
    urlconf = get_urlconf() or settings.ROOT_URLCONF
    return _of_any_run(urlconf, get_script_prefix(), get_language()).replace(str(_ANY_RUN), str(run.pk))


@lru_cache(maxsize=64)
def _of_any_run(urlconf: str, prefix: str, language: str | None) -> str:  # noqa: ARG001  what Django reads
    """Django searches all addresses of the project for one, each time; it depends on these three alone."""
    try:
        return reverse("admin:stripeflow_workflows_run_change", args=[_ANY_RUN], urlconf=urlconf)
    except NoReverseMatch:
        return ""
