"""Lets a run go on whose approval has ended."""

from django.utils import timezone

from stripeflow.workflows.models import Approval, LoopItem, Run, StepRun
from stripeflow.workflows.queue import notify_on_commit
from stripeflow.workflows.states import RunStatus, StepStatus


def wake(approval: Approval) -> None:
    """Have a worker look at the run now. One that is held goes on once it is released.

    To be called in a transaction that has locked the run: no worker is at it.
    """
    now = timezone.now()
    waiting = {"status": StepStatus.WAITING, "due_at__gt": now}
    StepRun.objects.filter(run=approval.run_id, path=approval.path, **waiting).update(due_at=now)
    # Nothing was sent yet, so its time for further attempts begins now.
    of_action = {"status": StepStatus.WAITING, "due_at": None, "may_have_acted": False}
    StepRun.objects.filter(run=approval.run_id, path=approval.path, **of_action).update(started_at=now)
    # An item that runs beside others waits by itself.
    loop, _slash, key = approval.path.rpartition("/")[0].rpartition("/")
    if loop:
        item = {"loop__run": approval.run_id, "loop__path": loop, "key": key, "due_at__gt": now}
        LoopItem.objects.filter(**item).update(due_at=now)
    if Run.objects.filter(pk=approval.run_id, status=RunStatus.WAITING).update(due_at=now, rung_at=now):
        notify_on_commit(approval.run_id)
