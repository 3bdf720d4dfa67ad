import gc
import sys
import threading
from importlib import import_module

import pytest

from stripeflow.workflows.worker.returning import Returner

urlpatterns = []  # of a project without an admin


@pytest.fixture
def gunicorn_settings():
    """Imported late: that turns the collection of garbage off, which other tests want on."""
    yield import_module("stripeflow_site.gunicorn_settings")
    gc.unfreeze()
    gc.enable()


def test_the_application_is_loaded_before_the_processes_are_forked(gunicorn_settings):
    assert gunicorn_settings.preload_app is True


def test_the_check_of_connections_counts_each_of_its_threads(gunicorn_settings, settings):
    threads = gunicorn_settings.workers * gunicorn_settings.threads
    assert settings.STRIPEFLOW["OTHER_CONNECTIONS"] == threads + 4


def test_what_first_requests_need_is_loaded_without_a_database(gunicorn_settings):
    # Without the mark `django_db` each query raises.
    gunicorn_settings.when_ready(None)
    assert "stripeflow_site.urls" in sys.modules
    assert gc.get_freeze_count() > 0


def test_each_process_collects_its_own_garbage(gunicorn_settings):
    gc.disable()
    gunicorn_settings.post_fork(None, None)
    assert gc.isenabled()


def test_each_process_returns_memory_after_requests(gunicorn_settings, monkeypatch):
    returned = threading.Event()
    monkeypatch.setattr(gunicorn_settings, "_returner", Returner(pause=lambda: None, give=returned.set))
    gunicorn_settings.post_fork(None, None)
    assert not returned.is_set()
    gunicorn_settings.post_request(None, None, None, None)
    assert returned.wait(timeout=30)


def test_a_project_may_have_no_admin(gunicorn_settings, settings):
    settings.ROOT_URLCONF = __name__
    gunicorn_settings.when_ready(None)
    assert gc.get_freeze_count() > 0
