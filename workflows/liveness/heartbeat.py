"""Signs of life: the sweep's own, and the cluster's, which goes through the queue as a proof."""

import logging
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from stripeflow.triggers.queue import enqueue
from stripeflow.workflows.models import Beat
from stripeflow.workflows.models.beat import host_name
from stripeflow.workflows.queue import BEAT

logger = logging.getLogger(__name__)

# The rows of every version so far have this name.
SWEEP = "ring"
CLUSTER = "cluster"
# The environment variable with the name of a worker command's cluster. Without it, two commands on one host
# would mistake each other's signs for their own.
CLUSTER_VARIABLE = "STRIPEFLOW_CLUSTER"

SIGN_SECONDS = 5.0
CLUSTER_SECONDS = 10.0
# While a cluster does not answer, its queue must not fill up with these messages.
UNANSWERED_SECONDS = 60.0
# How long the sign of a cluster that is gone, or silent, is kept and counted.
FORGOTTEN = timedelta(hours=1)
SILENT = timedelta(minutes=2)


def name_of(kind: str, *, cluster: str = "") -> str:
    """The row of this host's `kind` (SWEEP or CLUSTER), and of a cluster's name, if it has one."""
    return f"{kind}@{host_name()}" + (f"/{cluster}" if cluster else "")


def write(kind: str) -> None:
    """Say that this host's `kind` is alive."""
    cluster = os.environ.get(CLUSTER_VARIABLE, "") if kind == CLUSTER else ""
    Beat.objects.write(name_of(kind, cluster=cluster))


def ask() -> None:
    """Ask the clusters to sign; one message for each cluster, since any of them may answer.

    Raises what the database or the queue's broker raises.
    """
    clusters = Beat.objects.of(CLUSTER).filter(at__gt=timezone.now() - SILENT).count()
    for _ in range(max(1, clusters)):
        enqueue(BEAT)


def forget() -> None:
    """Delete the signs of this host's clusters that are gone."""
    of_host = Beat.objects.filter(name__startswith=name_of(CLUSTER) + "/")
    of_host.filter(at__lt=timezone.now() - FORGOTTEN).delete()


_signed = float("-inf")
_is_unsigned: ContextVar[bool] = ContextVar("stripeflow_unsigned", default=False)


@contextmanager
def unsigned() -> Iterator[None]:
    """Within it `sign` does nothing: for work that goes on even where no messages are taken any more."""
    token = _is_unsigned.set(True)
    try:
        yield
    finally:
        _is_unsigned.reset(token)


def sign() -> None:
    """Sign for this host's cluster, at most every 5 seconds; workers call it with each run."""
    global _signed
    now = time.monotonic()
    if _is_unsigned.get():
        return
    if now - _signed >= SIGN_SECONDS:
        _signed = now
        write(CLUSTER)


@dataclass
class Heartbeat:
    """The beats of one worker command. `tick` may be called at any rate."""

    wrote: float = float("-inf")
    asked: float = float("-inf")
    seen: datetime | None = None

    def tick(self) -> None:
        """Write the sweep's beat every 5 seconds, and ask the cluster for its own every 10.

        An unreachable database or queue is logged; a later tick repeats it.
        """
        now = time.monotonic()
        try:
            if self.wrote == float("-inf"):
                forget()
            if now - self.wrote >= SIGN_SECONDS:
                write(SWEEP)
                self.wrote = now
            if self._is_to_ask(now):
                self.asked, self.seen = now, Beat.objects.newest(CLUSTER)
                enqueue(BEAT)
        except Exception:  # noqa: BLE001 - the broker's client has errors of its own
            logger.exception("workflows.heartbeat.failed")

    def _is_to_ask(self, now: float) -> bool:
        waited = now - self.asked
        if waited < CLUSTER_SECONDS:
            return False
        return waited >= UNANSWERED_SECONDS or Beat.objects.newest(CLUSTER) != self.seen
