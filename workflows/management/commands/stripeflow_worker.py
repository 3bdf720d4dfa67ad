"""`manage.py stripeflow_worker`: the processes that run the workflows, and the sweep that wakes them."""

import logging
import signal
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand
from django.db import Error, close_old_connections

from stripeflow.triggers import queue
from stripeflow.triggers.queue.stopping import Stop
from stripeflow.workflows.liveness.heartbeat import Heartbeat
from stripeflow.workflows.worker.cluster import Cluster
from stripeflow.workflows.worker.due import look_around

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Runs workflows: starts the queue's workers, watches them, and wakes them once a second. "
        "Any number of hosts may run it. Ends on SIGTERM or SIGINT, after the step under way."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--no-cluster",
            action="store_true",
            help="Only notify; the queue's workers are started by something else.",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Stop()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, stop.set_by_signal)
        cluster = None if options["no_cluster"] else _start_cluster()
        heartbeat = Heartbeat()
        self.stdout.write("Looking for due work once a second.")
        try:
            while not stop.wait(SWEEP_SECONDS):
                close_old_connections()
                if cluster is not None:
                    _keep_alive(cluster)
                _sweep()
                heartbeat.tick()
        finally:
            if cluster is not None:
                cluster.stop()


def _start_cluster() -> Cluster | None:
    """Start what takes messages from the queue; None where the queue has nothing to start."""
    backend = queue.backend()
    command = backend.worker_command()
    return None if command is None else Cluster(command, signs=backend.signs_of_life)


def _keep_alive(cluster: Cluster) -> None:
    """Look after the cluster; without a database or a queue nobody can tell, so that waits a second."""
    try:
        cluster.keep_alive()
    except Exception:  # the broker's client has errors of its own
        logger.exception("workflows.worker.watch_failed")


def _sweep() -> None:
    """One round; a database that is away is logged and asked again a second later."""
    try:
        found = look_around()
    except Error:
        logger.exception("workflows.worker.sweep_failed")
        return
    if any(found.values()):
        logger.info("workflows.worker.swept", extra=found)
