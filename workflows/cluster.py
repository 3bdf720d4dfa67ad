"""The django-q2 cluster as a process of the worker command: started, watched from outside, ended."""

import ctypes
import logging
import os
import signal
import subprocess
import sys
import time
from datetime import datetime

import psutil
from django.utils import timezone

from triggers.queue import enqueue
from workflows import conf, heartbeat
from workflows.models import Beat
from workflows.watchdog import Verdict, Watchdog

logger = logging.getLogger(__name__)

# A cluster that is told to stop finishes the step under way; Stripe calls time out after 20 seconds.
STOP_SECONDS = 60.0
_PR_SET_PDEATHSIG = 1


class Cluster:
    """A cluster in its own process group, started again when it ends or hangs."""

    def __init__(self) -> None:
        self._start()

    def keep_alive(self) -> None:
        """Start the cluster again if it has ended, or takes no messages any more.

        Raises what the database or the queue's broker raises while it is asked for signs of life.
        """
        code = self.process.poll()
        if code is not None:
            logger.error("workflows.worker.cluster_ended", extra={"exit_code": code})
            self._start_again()
            return
        verdict = self.watchdog.look(pids=self._pids(), last_sign=_last_sign(), now=timezone.now())
        if verdict is Verdict.SUSPECT:
            enqueue(heartbeat.BEAT_TASK)
        elif verdict is Verdict.HUNG:
            logger.error("workflows.worker.cluster_hung", extra={"pid": self.process.pid})
            self._start_again()

    def stop(self) -> None:
        """Let the cluster finish what it does, and end it by force after a minute."""
        self.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        try:
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.error("workflows.worker.cluster_killed", extra={"seconds": STOP_SECONDS})
        self._kill_group()

    def _start(self) -> None:
        environment = {**os.environ, "Q_CLUSTER_NAME": conf.get("QUEUE_CLUSTER")}
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, sys.argv[0], "qcluster"],
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        self.watchdog = Watchdog(started_at=timezone.now())

    def _start_again(self) -> None:
        self._kill_group()
        self._start()

    def _pids(self) -> frozenset[int]:
        try:
            return frozenset(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return frozenset()

    def _kill_group(self) -> None:
        """End the cluster, and what a dead main process left behind: its sentinel and its workers."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("workflows.worker.group_gone")
        self.process.wait()


def _last_sign() -> datetime | None:
    return Beat.objects.filter(name=heartbeat.name_of(heartbeat.CLUSTER)).values_list("at", flat=True).first()


def _end_with_parent() -> None:
    """Have the kernel stop this process gracefully when the worker command is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
