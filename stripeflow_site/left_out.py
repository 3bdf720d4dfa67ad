"""Packages that libraries import only because they are installed, and that nothing in this site uses."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def left_out(*packages: str) -> Iterator[None]:
    """Import libraries inside of the block as if the packages were not installed.

    A package that is already imported stays, and each can be imported after the block.
    """
    hidden = [name for name in packages if name not in sys.modules]
    for name in hidden:
        sys.modules[name] = None  # type: ignore[assignment]  # an import then fails: there is no such module
    try:
        yield
    finally:
        for name in hidden:
            del sys.modules[name]
