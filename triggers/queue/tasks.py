"""Which functions a message may name: those that code registers, and no others.

Anyone who reaches the queue can write messages. So each backend asks here before a worker calls anything.
"""

from stripeflow.triggers import conf

# The tasks of this app. Those of others are registered by them.
MIRROR = "stripeflow.triggers.tasks.mirror"
TASKS = (MIRROR,)

_registered: set[str] = set()


class TaskRefused(Exception):
    """A message named a function that is no task of ours."""

    def __init__(self) -> None:
        super().__init__("This function is no task of the workflows, so it was not called.")


def register(*tasks: str) -> None:
    """Let workers call the functions of these dotted paths; called when an app is ready."""
    _registered.update(tasks)


def registered() -> frozenset[str]:
    """Return the dotted paths of all tasks, without those that the project's settings add."""
    return frozenset(_registered)


def is_allowed(task: object) -> bool:
    """Whether a worker may call what this dotted path names, by code or by `STRIPEFLOW["QUEUE_TASKS"]`."""
    # A message may hold a function that was pickled.
    return isinstance(task, str) and (task in _registered or task in conf.queue_tasks())
