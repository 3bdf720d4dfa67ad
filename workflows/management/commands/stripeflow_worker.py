"""`manage.py stripeflow_worker`: the cluster that runs the workflows, and the ring that keeps it awake."""

import logging
import os
import signal
import subprocess
import sys
import threading
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from workflows import conf
from workflows.due import look_around
from workflows.heartbeat import Heartbeat

logger = logging.getLogger(__name__)

RING_SECONDS = 1.0
# A cluster that is told to stop finishes the step under way; Stripe calls time out after 20 seconds.
STOP_SECONDS = 60.0


class Command(BaseCommand):
    help = (
        "Runs workflows: starts a django-q2 cluster, watches it, and once a second rings what is due. "
        "Any number of hosts may run it. Ends on SIGTERM or SIGINT, after the step under way."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-cluster",
            action="store_true",
            help="Only ring; the cluster is started by something else.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
        cluster = None if options["no_cluster"] else Cluster()
        heartbeat = Heartbeat()
        self.stdout.write("Ringing what is due, once a second.")
        try:
            while not stop.wait(RING_SECONDS):
                if cluster is not None:
                    cluster.keep_alive()
                _ring()
                heartbeat.tick()
        finally:
            if cluster is not None:
                cluster.stop()


class Cluster:
    """A django-q2 cluster in its own process group, started again when it ends."""

    def __init__(self) -> None:
        self.process = self._start()

    def keep_alive(self) -> None:
        """Start the cluster again if it has ended."""
        code = self.process.poll()
        if code is None:
            return
        logger.error("workflows.worker.cluster_ended", extra={"exit_code": code})
        self._kill_group()
        self.process = self._start()

    def stop(self) -> None:
        """Let the cluster finish what it does, and end it by force after a minute."""
        self.process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        try:
            self.process.wait(timeout=max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            logger.error("workflows.worker.cluster_killed", extra={"seconds": STOP_SECONDS})
        self._kill_group()
        self.process.wait()

    def _start(self) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "Q_CLUSTER_NAME": conf.get("QUEUE_CLUSTER")}
        return subprocess.Popen(  # noqa: S603 - our own command line
            [sys.executable, sys.argv[0], "qcluster"], env=environment, start_new_session=True
        )

    def _kill_group(self) -> None:
        """End what a dead main process may have left behind: its sentinel and its workers."""
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            logger.debug("workflows.worker.group_gone")


def _ring() -> None:
    """One round; a database that is away is logged and asked again a second later."""
    close_old_connections()
    try:
        found = look_around()
    except Error:
        logger.exception("workflows.worker.ring_failed")
        return
    if any(found.values()):
        logger.info("workflows.worker.rang", extra=found)
