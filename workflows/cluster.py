"""The django-q2 cluster as a process of the worker command: started, watched from outside, ended."""

import ctypes
import logging
import os
import secrets
import signal
import subprocess
import sys
import time

import psutil
from django.utils import timezone

from stripeflow.workflows import conf, heartbeat
from stripeflow.workflows.models import Beat
from stripeflow.workflows.watchdog import Sign, Verdict, Watchdog

logger = logging.getLogger(__name__)

# A cluster that is told to stop finishes the step under way; Stripe calls time out after 20 seconds.
STOP_SECONDS = 60.0
STOP_POLL_SECONDS = 0.1
_PR_SET_PDEATHSIG = 1


class Cluster:
    """A cluster in its own process group, started again when it ends or hangs."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(4)
        self.leaving: list[ProcessGroup] = []
        self._start()

    def keep_alive(self) -> None:
        """Start the cluster again if it has ended, or takes no messages any more.

        Raises what the database or the queue's broker raises while it is asked for signs of life.
        """
        self.leaving = [group for group in self.leaving if not group.has_left()]
        code = self.process.poll()
        if code is not None:
            logger.error("workflows.worker.cluster_ended", extra={"exit_code": code})
            self._start_again()
            return
        sign = self._last_sign()  # before the processes, so that its signer is among them if it lives
        verdict = self.watchdog.look(pids=self._pids(), last_sign=sign, now=timezone.now())
        if verdict is Verdict.SUSPECT:
            heartbeat.ask()
        elif verdict is Verdict.HUNG:
            logger.error("workflows.worker.cluster_hung", extra={"pid": self.process.pid})
            self._start_again()

    def stop(self) -> None:
        """Let the cluster finish what it does, and end it by force after a minute."""
        deadline = time.monotonic() + STOP_SECONDS
        self.process.terminate()
        # A main process whose sentinel was told to end as well waits for it for good.
        while self._has_sentinel() and time.monotonic() < deadline:
            time.sleep(STOP_POLL_SECONDS)
        self.leaving.append(ProcessGroup(self.process, deadline=deadline))
        while not all(group.has_left() for group in self.leaving):
            time.sleep(STOP_POLL_SECONDS)

    def _start(self) -> None:
        environment = {
            **os.environ,
            "Q_CLUSTER_NAME": conf.get("QUEUE_CLUSTER"),
            heartbeat.CLUSTER_VARIABLE: self.name,
        }
        self.process = subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, sys.argv[0], "qcluster"],
            env=environment,
            start_new_session=True,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,
        )
        self.watchdog = Watchdog(started_at=timezone.now())

    def _start_again(self) -> None:
        # A dead main process leaves its sentinel and its workers behind.
        self.leaving.append(ProcessGroup(self.process, deadline=time.monotonic() + STOP_SECONDS))
        self._start()

    def _pids(self) -> frozenset[int]:
        try:
            return frozenset(child.pid for child in psutil.Process(self.process.pid).children(recursive=True))
        except psutil.NoSuchProcess:
            return frozenset()

    def _has_sentinel(self) -> bool:
        if self.process.poll() is not None:
            return False
        return any(map(_is_alive, psutil.Process(self.process.pid).children()))

    def _last_sign(self) -> Sign | None:
        name = heartbeat.name_of(heartbeat.CLUSTER, cluster=self.name)
        beat = Beat.objects.filter(name=name).first()
        return beat and Sign(at=beat.at, pid=beat.pid)


class ProcessGroup:
    """What is left of a cluster that is told to end: workers in a step finish it, all others end at once.

    Those that have not at the deadline, on the monotonic clock, are ended by force.
    """

    def __init__(self, leader: subprocess.Popen[bytes], *, deadline: float) -> None:
        self.leader = leader
        self.deadline = deadline
        self._send(signal.SIGTERM)
        self.leader.kill()  # it only waits for its sentinel, and may do so for good

    def has_left(self) -> bool:
        """Whether none of it is left; to be asked again until it is so."""
        self.leader.poll()
        if not any(map(self._is_member, psutil.process_iter())):
            return True
        if time.monotonic() >= self.deadline:
            logger.error("workflows.worker.cluster_killed", extra={"pid": self.leader.pid})
            self._send(signal.SIGKILL)
        return False

    def _is_member(self, process: psutil.Process) -> bool:
        try:
            return os.getpgid(process.pid) == self.leader.pid and _is_alive(process)
        except ProcessLookupError:
            return False

    def _send(self, number: signal.Signals) -> None:
        try:
            os.killpg(self.leader.pid, number)
        except ProcessLookupError:
            logger.debug("workflows.worker.group_gone")


def _is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def _end_with_parent() -> None:
    """Have the kernel stop this process gracefully when the worker command is killed."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
