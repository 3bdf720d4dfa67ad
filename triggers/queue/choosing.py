"""Chooses the project's queue: once for each process, never for single messages."""

import inspect
from collections.abc import Iterator
from contextlib import contextmanager

from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed
from django.dispatch import receiver
from django.utils.module_loading import import_string

from stripeflow.triggers import conf
from stripeflow.triggers.queue.base import Backend

_chosen: Backend | None = None
_instead: list[Backend] = []


def backend() -> Backend:
    """Return the queue that `STRIPEFLOW["QUEUE_BACKEND"]` names.

    Raises ImproperlyConfigured if it names none; the system check stripeflow.E002 says so, too.
    """
    global _chosen
    if _instead:
        return _instead[-1]
    if _chosen is None:
        _chosen = _backend_class(conf.get("QUEUE_BACKEND"))()
    return _chosen


@contextmanager
def temporarily(backend: Backend) -> Iterator[Backend]:
    """Use this queue for the length of a `with` block, whatever the settings name; meant for tests."""
    _instead.append(backend)
    try:
        yield backend
    finally:
        _instead.remove(backend)


def _backend_class(path: object) -> type[Backend]:
    try:
        found = import_string(str(path))
    except ImportError as error:
        raise ImproperlyConfigured(f'STRIPEFLOW["QUEUE_BACKEND"] cannot be imported: {error}.') from error
    if not inspect.isclass(found) or not issubclass(found, Backend) or inspect.isabstract(found):
        wanted = f"{Backend.__module__}.{Backend.__qualname__}"
        raise ImproperlyConfigured(
            f'STRIPEFLOW["QUEUE_BACKEND"] has to name a class that extends {wanted}, and not {path!r}.'
        )
    return found


@receiver(setting_changed)
def _choose_again(*, setting: str, **kwargs: object) -> None:
    global _chosen
    if setting == "STRIPEFLOW":
        _chosen = None
