"""Loads what processes need at first, once for all that are forked from this one. Asks no database."""

from django.conf import settings
from django.urls import get_resolver
from django.utils import translation
from django.utils.module_loading import import_string

from stripeflow.triggers.queue import tasks
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import Run


def load_tasks() -> None:
    """Load what tasks need.

    Each run knows the address of its page. To find the first one, Django reads all addresses of the project,
    for a tenth of a second. Threads that begin at the same moment would each do so, and hinder one another.
    """
    for task in tasks.registered():
        import_string(task)
    with translation.override(settings.LANGUAGE_CODE):  # of the threads that work on runs
        run_url(Run())


def load_pages() -> None:
    """Import the URLs with their views, and read the texts of each language."""
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            get_resolver().reverse_dict  # noqa: B018 - reads the addresses, in each language by itself
