"""What our cluster runs comes from code: a message of the queue chooses among its tasks, and names no other.

django-q2 calls whatever function a message names, and, once that has ended, the hook that it names.
"""

import inspect
import logging
from collections.abc import Iterator
from importlib import import_module
from typing import Any

from django.apps import apps

from stripeflow.triggers import conf

logger = logging.getLogger(__name__)

# What a message may ask for besides its function, and ours never do.
_FOLLOW_UPS = ("hook", "chain")
_modules: set[str] = set()


class TaskRefused(Exception):
    """A message named a function that is no task of our cluster."""


def allow(module: str) -> None:
    """Let the cluster run the public functions that this module defines; called when the app is ready."""
    _modules.add(module)


def is_allowed(path: object) -> bool:
    """Whether our cluster may run what this dotted path names."""
    if not isinstance(path, str):
        return False  # a function that was pickled
    if path in conf.queue_tasks():
        return True
    module, _dot, name = path.rpartition(".")
    if module not in _modules or name.startswith("_"):
        return False
    # What a module imports is reached by its name, too.
    function = getattr(import_module(module), name, None)
    return inspect.isfunction(function) and function.__module__ == module


def connect() -> None:
    """Guard the workers of our cluster, however it is started; called once, when the app is ready."""
    if not apps.is_installed("django_q"):
        return
    from django_q.signals import post_execute_in_worker, pre_execute

    pre_execute.connect(_before, dispatch_uid="stripeflow.task_guard")
    post_execute_in_worker.connect(_after, dispatch_uid="stripeflow.task_guard")


class _Refusal:
    """Stands in for the arguments of a refused task.

    django-q2 has no way to refuse one. It unpacks the arguments where an error ends the task, and not the
    worker.
    """

    def __iter__(self) -> Iterator[object]:
        raise TaskRefused("This function is no task of the workflows' cluster, so it was not called.")


def _before(sender: Any, task: dict[str, Any], **kwargs: Any) -> None:
    from django_q.conf import Conf

    if conf.get("QUEUE_CLUSTER") != Conf.CLUSTER_NAME:
        return  # another cluster of the project
    for name in _FOLLOW_UPS:
        task.pop(name, None)
    if is_allowed(task["func"]):
        return
    logger.error(
        "triggers.queue.task_refused", extra={"task": str(task["func"])[:200], "task_id": task["id"]}
    )
    # Taken off the queue, and not offered to the next worker.
    task.update(args=_Refusal(), ack_failure=True)


def _after(sender: Any, task: dict[str, Any], **kwargs: Any) -> None:
    if isinstance(task["args"], _Refusal):
        task["args"] = ()
