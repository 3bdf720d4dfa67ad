import ctypes
import gc
import platform

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


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="only glibc says where memory ends")
def test_new_data_of_the_processes_comes_behind_what_they_share():
    library = ctypes.CDLL(None)
    library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, [ctypes.c_size_t]
    library.free.argtypes = [ctypes.c_void_p]
    blocks = [library.malloc(2000) for _number in range(64)]
    for block in blocks[::2]:
        library.free(block)  # 32 gaps, too large to be kept aside for the next one of their size
    sharing.before_fork()
    assert not set(blocks[::2]) & {library.malloc(2000) for _number in range(64)}
