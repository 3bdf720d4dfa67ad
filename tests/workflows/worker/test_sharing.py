import gc

import pytest
from django.db import connections

from stripeflow.workflows.worker import sharing


@pytest.fixture(autouse=True)
def garbage_collection():
    """As it is in other tests."""
    yield
    gc.unfreeze()
    gc.enable()


def test_nothing_is_collected_while_what_is_shared_is_loaded():
    sharing.begin()
    assert not gc.isenabled()


def test_connections_are_closed_before_a_fork(monkeypatch):
    closed = []
    monkeypatch.setattr(connections, "close_all", lambda: closed.append(True))
    sharing.before_fork()
    assert closed == [True]


def test_collections_leave_alone_what_was_loaded_before_a_fork():
    sharing.before_fork()
    assert gc.get_freeze_count() > 0


def test_the_new_process_collects_its_garbage():
    sharing.begin()
    sharing.after_fork()
    assert gc.isenabled()
