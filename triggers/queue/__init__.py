"""The seam to django-q2: rings a task, carrying ids and nothing else."""

import logging
from functools import lru_cache
from typing import TYPE_CHECKING

from django.db import DEFAULT_DB_ALIAS, DatabaseError, transaction

from stripeflow.triggers import conf

if TYPE_CHECKING:
    from collections.abc import Callable

    from django_q.brokers import Broker

logger = logging.getLogger(__name__)


def enqueue(func_path: str, *args: object) -> str:
    """Ask a worker of our cluster to call `func_path` (dotted) with `args`, and return the task's id.

    Call it after the commit of what the task reads. A lost message is found by a sweep.
    """
    # django-q2 reads its settings at import; later imports keep start-up light.
    from django_q.tasks import async_task

    cluster = str(conf.get("QUEUE_CLUSTER"))
    return async_task(func_path, *args, cluster=cluster, broker=_broker(cluster), save=False)


def on_commit(ring: "Callable[[], object]") -> None:
    """Have `ring` enqueue with the commit of the current transaction; a queue that is down is logged.

    If the queue is a table of the same database, its row is written in this transaction, and costs no
    commit of its own.
    """
    if not commits_with_us():
        # Robust: a queue that is down must not turn a stored event into an error.
        transaction.on_commit(ring, robust=True)
        return
    try:
        ring()
    except DatabaseError:  # it is the transaction's own
        raise
    except Exception:
        logger.exception("triggers.queue.ring_failed")


def commits_with_us() -> bool:
    """Whether messages are rows that the current transaction can write."""
    return is_table() and transaction.get_connection().in_atomic_block


def is_table() -> bool:
    """Whether messages are rows of our own database."""
    from django_q.conf import Conf

    return DEFAULT_DB_ALIAS == Conf.ORM and not Conf.BROKER_CLASS


@lru_cache
def _broker(cluster: str) -> "Broker":
    """The broker, kept: django-q2 by itself opens a new connection to Redis for each message."""
    from django_q.brokers import get_broker

    from stripeflow.triggers.queue.django_q.table_broker import TableBroker

    return TableBroker(cluster) if is_table() else get_broker(cluster)
