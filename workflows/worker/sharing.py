"""What lets processes that are forked from one another share their memory.

Until one of them writes to a page, it is there once for all of them.
"""

import ctypes
import gc

from django.db import connections

_M_ARENA_MAX = -8


def begin() -> None:
    """Call this before what the processes share is imported, and before the first thread starts."""
    # Garbage that is collected meanwhile would leave holes, and new objects in them have the page copied.
    gc.disable()
    _use_one_arena()


def before_fork() -> None:
    """Close what processes must not share, and keep collections away from all that is loaded by now."""
    connections.close_all()
    gc.collect()
    # A collection writes to each object that it looks at.
    gc.freeze()


def after_fork() -> None:
    """Collect garbage again; called in the new process."""
    gc.enable()


def _use_one_arena() -> None:
    """Have threads allocate from one pool: of glibc each has its own, which keeps what it once had.

    Python lets one thread at a time allocate, so that nobody waits. Other C libraries have no such setting.
    """
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, 1)
