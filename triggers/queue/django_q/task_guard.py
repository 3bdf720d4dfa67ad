"""Our cluster runs only tasks that code registers: a message can name these, and no other function.

django-q2 calls whatever function a message names, and, once that has ended, the hook that it names.
"""

import logging
from collections.abc import Iterator
from typing import Any

from django.apps import apps

from stripeflow.triggers import conf
from stripeflow.triggers.queue.tasks import TaskRefused, is_allowed

logger = logging.getLogger(__name__)

# Options of a message that our own messages never use.
_FOLLOW_UPS = ("hook", "chain")


def connect() -> None:
    """Guard the workers of our cluster, however it is started; called once, when the app is ready."""
    if not apps.is_installed("django_q"):
        return
    from django_q.signals import post_execute_in_worker, pre_execute

    pre_execute.connect(_before, dispatch_uid="stripeflow.task_guard")
    post_execute_in_worker.connect(_after, dispatch_uid="stripeflow.task_guard")


class _Refusal:
    """Stands in for the arguments of a refused task.

    django-q2 has no way to refuse one. It unpacks the arguments at a place where an error ends only the task,
    not the worker.
    """

    def __iter__(self) -> Iterator[object]:
        raise TaskRefused


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
