"""System checks of the settings of our cluster: stripeflow.E104, W004, W102, W103 and W106."""

from django.apps import apps
from django.conf import settings
from django.contrib import admin
from django.core.checks import CheckMessage, Error, Warning

from stripeflow.triggers import conf
from stripeflow.triggers.queue.django_q.cluster import queue_settings

BROKERS = ("orm", "redis", "django_redis", "sqs", "iron_mq", "mongo", "broker_class")


def check_queue_cluster(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W004: tasks for a cluster that nobody defines are never worked off."""
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


def check_queue_attempts(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W102: a task that breaks its worker would be taken again for ever."""
    if queue_settings()["max_attempts"]:
        return []
    return [
        Warning(
            "The queue repeats a failing task for ever.",
            hint="Set “max_attempts” of the cluster in Q_CLUSTER, such as 3.",
            id="stripeflow.W102",
        )
    ]


def check_queue_workers(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W106: while Stripe is slow, the mirror would take every worker of a cluster."""
    workers, mirroring = queue_settings()["workers"], conf.get("MIRROR_WORKERS")
    numbers = _is_number(workers) and _is_number(mirroring)
    if conf.get("MIRROR") == "off" or not numbers or workers > mirroring:  # type: ignore[operator]
        return []
    return [
        Warning(
            "The mirror may take every worker of the cluster, so that a slow Stripe keeps runs waiting.",
            hint='Set “workers” of the cluster in Q_CLUSTER above STRIPEFLOW["MIRROR_WORKERS"].',
            id="stripeflow.W106",
        )
    ]


def check_queue_broker(app_configs: object, **kwargs: object) -> list[CheckMessage]:
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


def check_queue_admin(app_configs: object, **kwargs: object) -> list[CheckMessage]:
    """W103: in django-q2's pages staff who may add a schedule can run any function."""
    if not apps.is_installed("django_q") or not apps.is_installed("django.contrib.admin"):
        return []
    if not any(admin.site.is_registered(model) for model in apps.get_app_config("django_q").get_models()):
        return []
    return [
        Warning(
            "The admin pages of django-q2 are registered: who may add a schedule there can run any function.",
            hint='Add "django_q" to STRIPEFLOW["GUARD_ADMINS"], which hides them.',
            id="stripeflow.W103",
        )
    ]


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)
