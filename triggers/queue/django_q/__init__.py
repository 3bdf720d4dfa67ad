"""The queue as a cluster of django-q2: its messages are rows of a database, or lie in Redis.

django-q2 reads its settings when it is imported, and late imports keep start-up light. So this package
imports it late.
"""

import sys
from collections.abc import Sequence
from functools import cache
from typing import TYPE_CHECKING

from django.core.checks import CheckMessage

from stripeflow.triggers import conf
from stripeflow.triggers.queue.base import Backend, SignsOfLife, WorkerCommand

if TYPE_CHECKING:
    from django_q.brokers import Broker


class DjangoQBackend(Backend):
    """The cluster that `STRIPEFLOW["QUEUE_CLUSTER"]` names, one of `Q_CLUSTER`'s."""

    # Workers, pusher and monitor are below the main process. One that is killed while it holds the queue's
    # lock stops all others for good: nothing is logged, and SIGTERM does not help.
    signs_of_life = SignsOfLife(below_main=True, death_stops_others=True)

    @property
    def worker_processes(self) -> int:
        from stripeflow.triggers.queue.django_q.cluster import queue_settings

        workers = queue_settings()["workers"]
        return workers if isinstance(workers, int) and workers > 0 else 1

    @property
    def waits_for_threads(self) -> bool:
        from django_q.conf import Conf

        # Otherwise it runs each task where it is enqueued.
        return not Conf.SYNC

    @property
    def database(self) -> str | None:
        from django_q.conf import Conf

        return None if Conf.BROKER_CLASS else Conf.ORM

    def enqueue(self, task: str, *args: object) -> str:
        from django_q.tasks import async_task

        cluster = str(conf.get("QUEUE_CLUSTER"))
        broker = kept_broker(cluster, is_table=self.writes_in_transaction)
        return async_task(task, *args, cluster=cluster, broker=broker, save=False)

    def enqueue_all(self, task: str, many: Sequence[tuple[object, ...]]) -> list[str]:
        from django_q.tasks import async_task

        from stripeflow.triggers.queue.django_q.gathering import Gathered

        cluster = str(conf.get("QUEUE_CLUSTER"))
        gathered = Gathered(kept_broker(cluster, is_table=self.writes_in_transaction))
        ids = [async_task(task, *args, cluster=cluster, broker=gathered, save=False) for args in many]
        gathered.send()
        return ids

    def worker_command(self) -> WorkerCommand:
        from stripeflow.triggers.queue.django_q import forked_cluster

        cluster = str(conf.get("QUEUE_CLUSTER"))
        argv = (sys.executable, sys.argv[0], "qcluster")
        return WorkerCommand(argv, {"Q_CLUSTER_NAME": cluster}, run=forked_cluster.run)

    def connect(self) -> None:
        from stripeflow.triggers.queue.django_q import task_guard

        task_guard.connect()

    def checks(self, *, longest_task: float) -> list[CheckMessage]:
        from stripeflow.triggers.queue.django_q import checks

        return checks.all_checks(longest_task=longest_task)

    def security_checks(self) -> list[CheckMessage]:
        from stripeflow.triggers.queue.django_q import safety

        return [*safety.check_admin(), *safety.check_scheduler()]

    def deployment_checks(self) -> list[CheckMessage]:
        from stripeflow.triggers.queue.django_q import safety

        return safety.check_redis()


@cache
def kept_broker(cluster: str, *, is_table: bool) -> "Broker":
    """The broker, kept: django-q2 by itself opens a new connection to Redis for each message."""
    from django_q.brokers import get_broker

    from stripeflow.triggers.queue.django_q.table_broker import TableBroker

    return TableBroker(cluster) if is_table else get_broker(cluster)
