from threading import Thread
from unittest import mock

from django.urls import clear_url_caches
from django.urls.resolvers import URLResolver

from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import Run
from stripeflow.workflows.worker.loading import load_tasks


def test_addresses_are_read_before_the_processes_are_forked():
    """Or each thread of a new process reads them all for its first run, at the same moment as the others."""
    clear_url_caches()
    load_tasks()
    found = []
    with mock.patch.object(URLResolver, "_populate", autospec=True) as read:
        thread = Thread(target=lambda: found.append(run_url(Run())))
        thread.start()
        thread.join()
    assert found[0].startswith("/admin/")
    assert read.call_count == 0
