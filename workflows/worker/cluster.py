"""Starts, watches and ends the processes that take messages, as a part of the worker command."""

import logging
import os
import secrets
import signal
import subprocess
import time

import psutil
from django.utils import timezone

from stripeflow.triggers.queue.base import SignsOfLife, WorkerCommand
from stripeflow.workflows.liveness import heartbeat
from stripeflow.workflows.models import Beat
from stripeflow.workflows.worker.forked import Forked, end_with_parent
from stripeflow.workflows.worker.loading import load_tasks
from stripeflow.workflows.worker.watchdog import Sign, Verdict, Watchdog

Leader = subprocess.Popen[bytes] | Forked

logger = logging.getLogger(__name__)

# A cluster that is asked to stop finishes the step under way; Stripe calls time out after 20 seconds.
STOP_SECONDS = 60.0
STOP_POLL_SECONDS = 0.1
# How long the main process has to end by itself once its children have.
MAIN_SECONDS = 2.0


class Cluster:
    """A cluster in its own process group, started again when it ends or hangs."""

    def __init__(self, command: WorkerCommand, *, signs: SignsOfLife) -> None:
        self.command, self.signs = command, signs
        self.name = secrets.token_hex(4)
        self.leaving: list[ProcessGroup] = []
        self._start()

    def keep_alive(self) -> None:
        """Start the cluster again if it has ended, or no longer takes messages.

        Raises whatever the database or the queue's broker raises while signs of life are read.
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
        """Let the cluster finish its steps, and kill it after a minute."""
        deadline = time.monotonic() + STOP_SECONDS
        self.process.terminate()
        while self._is_at_work() and time.monotonic() < deadline:
            time.sleep(STOP_POLL_SECONDS)
        # It still has to wait for its children, or they stay as zombies. It may do so for ever if they were
        # asked to end as well.
        ends = min(deadline, time.monotonic() + MAIN_SECONDS)
        while self.process.poll() is None and time.monotonic() < ends:
            time.sleep(STOP_POLL_SECONDS)
        self._let_go(deadline)
        while not all(group.has_left() for group in self.leaving):
            time.sleep(STOP_POLL_SECONDS)

    def _start(self) -> None:
        environment = {
            **os.environ,
            **self.command.environment,
            heartbeat.CLUSTER_VARIABLE: self.name,
        }
        self.process = _process(self.command, environment)
        self.watchdog = Watchdog(started_at=timezone.now(), signs=self.signs)

    def _start_again(self) -> None:
        # A dead main process leaves its children behind.
        self._let_go(time.monotonic() + STOP_SECONDS)
        self._start()

    def _let_go(self, deadline: float) -> None:
        group = ProcessGroup(self.process, deadline=deadline, leader_works=not self.signs.below_main)
        self.leaving.append(group)

    def _pids(self) -> frozenset[int]:
        """The processes that may take messages."""
        main = frozenset() if self.signs.below_main else frozenset({self.process.pid})
        try:
            below = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return main
        return main.union(child.pid for child in below)

    def _is_at_work(self) -> bool:
        """Whether the main process lives, and the processes that it looks after."""
        if self.process.poll() is not None:
            return False
        return not self.signs.below_main or any(map(_is_alive, psutil.Process(self.process.pid).children()))

    def _last_sign(self) -> Sign | None:
        name = heartbeat.name_of(heartbeat.CLUSTER, cluster=self.name)
        beat = Beat.objects.filter(name=name).first()
        return None if beat is None else Sign(at=beat.at, pid=beat.pid)


class ProcessGroup:
    """What is left of a cluster that is asked to end: workers in a step finish it, all others end at once.

    Those that still run at the deadline, on the monotonic clock, are killed.
    """

    def __init__(self, leader: Leader, *, deadline: float, leader_works: bool) -> None:
        self.leader = leader
        self.deadline = deadline
        self._send(signal.SIGTERM)
        if not leader_works:
            self.leader.kill()  # it only waits for its children, perhaps for ever

    def has_left(self) -> bool:
        """Whether nothing of it is left; call it again until it is true."""
        if not any(map(self._is_member, psutil.process_iter())):
            self.leader.poll()  # otherwise it stays as a zombie when this process ends
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


def _process(command: WorkerCommand, environment: dict[str, str]) -> Leader:
    """Start it, in a process group of its own."""
    if command.run is not None and hasattr(os, "fork"):
        load_tasks()
        return Forked(command.run, environment=environment)
    return subprocess.Popen(  # noqa: S603 - our own command line
        command.argv, env=environment, start_new_session=True, preexec_fn=end_with_parent
    )
