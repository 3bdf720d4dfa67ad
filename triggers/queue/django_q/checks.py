"""What is wrong with the settings of our cluster: stripeflow.E103, E104, W004, W102 and W106."""

from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning

from stripeflow.triggers import conf
from stripeflow.triggers.queue.django_q.cluster import queue_settings

BROKERS = ("orm", "redis", "django_redis", "sqs", "iron_mq", "mongo", "broker_class")
RETRY_MARGIN_SECONDS = 30


def all_checks(*, longest_task: float) -> list[CheckMessage]:
    """All of them, where a task takes up to `longest_task` seconds."""
    return [
        *check_cluster(),
        *check_times(longest_task),
        *check_attempts(),
        *check_broker(),
        *check_workers(),
    ]


def check_cluster() -> list[CheckMessage]:
    """W004: tasks for a cluster that is not defined never run."""
    name = conf.get("QUEUE_CLUSTER")
    queue = getattr(settings, "Q_CLUSTER", {})
    if name in (queue.get("name"), queue.get("cluster_name")) or name in queue.get("ALT_CLUSTERS", {}):
        return []
    return [
        Warning(
            f"The queue “{name}” is not among the clusters of Q_CLUSTER.",
            hint='Add it to Q_CLUSTER["ALT_CLUSTERS"], or change STRIPEFLOW["QUEUE_CLUSTER"].',
            id="stripeflow.W004",
        )
    ]


def check_times(longest_task: float) -> list[CheckMessage]:
    """E103: the queue's times do not make it repeat a task that still runs, or waits in a worker."""
    queue = queue_settings()
    timeout, retry, workers = queue["timeout"], queue["retry"], queue["workers"]
    limit = queue["queue_limit"] or workers**2
    if not timeout or timeout < longest_task:
        return [
            Error(
                f"The queue's timeout has to be at least {longest_task:g} seconds.",
                hint="Set “timeout” of the cluster in Q_CLUSTER, and “retry” above it.",
                id="stripeflow.E103",
            )
        ]
    needed = timeout * (1 + limit / workers) + RETRY_MARGIN_SECONDS
    if retry >= needed:
        return []
    return [
        Error(
            f"The queue repeats a task after {retry} seconds, although it may still wait or run.",
            hint=f"Set “retry” of the cluster to at least {needed:.0f}, or “queue_limit” to 1.",
            id="stripeflow.E103",
        )
    ]


def check_attempts() -> list[CheckMessage]:
    """W102: a task that crashes its worker would be taken again for ever."""
    if queue_settings()["max_attempts"]:
        return []
    return [
        Warning(
            "The queue repeats a failing task for ever.",
            hint="Set “max_attempts” of the cluster in Q_CLUSTER, such as 3.",
            id="stripeflow.W102",
        )
    ]


def check_workers() -> list[CheckMessage]:
    """W106: while Stripe is slow, the mirror would take every worker of a cluster."""
    workers, mirroring = queue_settings()["workers"], conf.get("MIRROR_WORKERS")
    numbers = _is_number(workers) and _is_number(mirroring)
    if conf.get("MIRROR") == "off" or not numbers or workers > mirroring:
        return []
    return [
        Warning(
            "The mirror may take every worker of the cluster, so that a slow Stripe keeps runs waiting.",
            hint='Set “workers” of the cluster in Q_CLUSTER above STRIPEFLOW["MIRROR_WORKERS"].',
            id="stripeflow.W106",
        )
    ]


def check_broker() -> list[CheckMessage]:
    """E104: what the site enqueues goes to the broker of Q_CLUSTER; the worker has to listen there."""
    base = getattr(settings, "Q_CLUSTER", {})
    queue = queue_settings()
    if all(base.get(name) == queue.get(name) for name in BROKERS):
        return []
    return [
        Error(
            "The cluster of the workflows has another broker than Q_CLUSTER, where the site enqueues.",
            hint="Give Q_CLUSTER and its ALT_CLUSTERS the same broker.",
            id="stripeflow.E104",
        )
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
