"""Threads whose action never returns: each holds its own place only, until its process is replaced.

Nothing ends a thread from outside. So the process takes no further runs, lets the others end, and ends
itself, which its cluster answers with a new one. The run itself is taken over once its lease has ended.
"""

import logging
import os
import signal
import time

from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.liveness.longest_task import longest_task
from stripeflow.workflows.models import Run
from stripeflow.workflows.worker.pool import Job, Pool

logger = logging.getLogger(__name__)

# A run ends, or is put off, within the longest task. A thread that takes twice as long is not just slow.
_TIMES = 2


def leave_if_stuck(pool: Pool) -> None:
    """End this process if one of its threads is stuck, as soon as the others are done.

    Call it inside of a task, which holds no lock of the queue. The others put off the rest of their runs.
    """
    stuck = [job for job in pool.busy() if _is_stuck(job)]
    if not stuck:
        return
    for job in stuck:
        _report(job)
    termination.ask()
    deadline = time.monotonic() + longest_task()
    while not pool.wait_until_busy_with_fewer(len(stuck) + 1, seconds=heartbeat.SIGN_SECONDS):
        heartbeat.sign()
        if time.monotonic() >= deadline:
            break
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.kill(os.getpid(), signal.SIGTERM)


def is_any(pool: Pool) -> bool:
    """Whether a thread of this process is stuck."""
    return any(map(_is_stuck, pool.busy()))


def _is_stuck(job: Job) -> bool:
    return time.monotonic() - job.began > _TIMES * longest_task()


def _report(job: Job) -> None:
    workflow = Run.objects.filter(pk=job.what).values_list("workflow__name", flat=True).first()
    logger.error(
        "workflows.worker.thread_stuck",
        extra={
            "run": str(job.what),
            "workflow": workflow,
            "seconds": round(time.monotonic() - job.began),
        },
    )
