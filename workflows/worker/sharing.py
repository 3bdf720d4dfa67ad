"""What lets processes that are forked from one another share their memory.

Until one of them writes to a page, it is there once for all of them.
"""

import ctypes
import gc

from django.db import connections

_M_ARENA_MAX = -8
# In bytes, from the largest on; what is larger has a place of its own.
_GAPS = (*(1 << power for power in range(16, 10, -1)), *range(1024, 16, -16))


def begin() -> None:
    """Call this before what the processes share is imported, and before the first thread starts."""
    # Garbage that is collected meanwhile would leave holes, and new objects in them have the page copied.
    gc.disable()
    _use_one_arena()


def before_fork() -> None:
    """Close what processes must not share, and keep collections and new objects away from what is loaded."""
    connections.close_all()
    gc.collect()
    # A collection writes to each object that it looks at.
    gc.freeze()
    _fill_gaps()


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


class _Mallinfo2(ctypes.Structure):
    """What glibc says of its memory, in bytes; `keepcost` is what is free behind all that is used."""

    _fields_ = [
        (name, ctypes.c_size_t)
        for name in (
            *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
            *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
        )
    ]


def _fill_gaps() -> None:
    """Take the free places between what is loaded, for good.

    They are scattered over all of it. Each process would put small things of its own there (what SQLite knows
    of the tables, for one), and have a whole page copied for each; so they come behind it, side by side.
    Only glibc from 2.33 on says where that is.
    """
    library = ctypes.CDLL(None)
    if not hasattr(library, "mallinfo2"):
        return
    library.mallinfo2.restype = _Mallinfo2
    library.sbrk.restype = library.malloc.restype = ctypes.c_void_p
    library.sbrk.argtypes, library.malloc.argtypes = [ctypes.c_ssize_t], [ctypes.c_size_t]
    behind = (library.sbrk(0) or 0) - library.mallinfo2().keepcost
    for size in _GAPS:
        while 0 < (library.malloc(size) or 0) < behind:
            pass  # it was a gap
