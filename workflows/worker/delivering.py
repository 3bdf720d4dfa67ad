"""Sends events of runs to their destinations: threads of their own, beside those that work on runs.

A message of the queue only has these threads begin, so that no slow destination keeps a run from its worker.
Each of them sends what is due until nothing is; the once-a-second sweep asks for them again.
"""

import logging
import os
import time
from datetime import timedelta

from django.utils import timezone

from stripeflow.triggers.queue import enqueue
from stripeflow.triggers.redaction import redacting
from stripeflow.workflows import conf, lending
from stripeflow.workflows.destinations import choosing, sending
from stripeflow.workflows.destinations.terms import THREADS
from stripeflow.workflows.liveness import heartbeat, termination
from stripeflow.workflows.models import Beat, EventDelivery
from stripeflow.workflows.queue import DELIVER
from stripeflow.workflows.worker import dispatching
from stripeflow.workflows.worker.pool import Pool

logger = logging.getLogger(__name__)

_TURN = "deliveries"
# After so long a thread ends, and its process may be replaced.
_SECONDS = 60.0

_pool = Pool()


def notify_due() -> int:
    """Ask a worker to send what is due; returns whether one was asked. One query if nothing is due."""
    again = timedelta(seconds=conf.get("NOTIFY_AGAIN_SECONDS"))
    if not choosing.is_any(timezone.now()) or not Beat.objects.claim(_TURN, every=again):
        return 0
    enqueue(DELIVER)
    return 1


def work() -> None:
    """Serve the message: begin as many threads as have a place, or where there are none, send here."""
    # From now on the next message may be sent.
    Beat.objects.filter(name=_TURN).delete()
    if not dispatching.may_use_threads():
        send_all(ends=time.monotonic() + conf.get("DRAIN_SECONDS"))
        return
    ends, due = time.monotonic() + _SECONDS, EventDelivery.objects.due(timezone.now()).count()
    for _place in range(min(due, THREADS - len(_pool.busy()))):
        _pool.give("deliveries", lambda: _in_thread(ends))


@redacting
def _in_thread(ends: float) -> None:
    """The thread signs for nobody: it lives on where no more messages are taken."""
    with lending.borrowing(), heartbeat.unsigned():
        send_all(ends=ends)


def send_all(*, ends: float) -> int:
    """Send what is due, one after the other, until nothing is or the time is over; returns how many."""
    sent = 0
    while time.monotonic() < ends and not termination.is_asked():
        delivery = choosing.claim(timezone.now())
        if delivery is None:
            break
        sent += sending.send(delivery)
    return sent


def _forget() -> None:
    global _pool
    _pool = Pool()


# A forked child has none of the threads.
os.register_at_fork(after_in_child=_forget)
