"""Short uses of the database while an action runs, so that no connection is held during a slow call.

A worker carries out many calls at once over few connections. It takes back the one that a thread has used
once the block ends; without such a block it takes it back after the call.

    with brief_use():
        address = Shop.objects.get(pk=shop).address
    requests.post(address, …)
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext

_around: Callable[[], AbstractContextManager[None]] = nullcontext


def brief_use() -> AbstractContextManager[None]:
    """Return a context manager for a use of the database within a call; read all rows inside of it."""
    return _around()


def set_around(manager: Callable[[], AbstractContextManager[None]]) -> None:
    """Let each use be inside of what `manager` returns; called when the app of the workers is ready."""
    global _around
    _around = manager
