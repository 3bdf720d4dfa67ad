"""Checks what the queue allows others to do: stripeflow.W103, W107 and W108."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from django.apps import apps
from django.contrib import admin
from django.core.checks import CheckMessage, Warning

from stripeflow.triggers.loopback import is_loopback
from stripeflow.triggers.queue.django_q.cluster import queue_settings


def check_admin() -> list[CheckMessage]:
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


def check_scheduler() -> list[CheckMessage]:
    """W107: a row of django-q2's schedules is run as code; our cluster has no use for them."""
    if not queue_settings().get("scheduler", True):
        return []
    return [
        Warning(
            "The cluster of the workflows runs any function that a row of django-q2's schedules names.",
            hint="Set “scheduler” of the cluster in Q_CLUSTER to False, as with_stripeflow() does.",
            id="stripeflow.W107",
        )
    ]


def check_redis() -> list[CheckMessage]:
    """W108: anyone who reaches a Redis without a password can read and empty the queue."""
    host, has_password = _redis(queue_settings().get("redis"))
    if not host or has_password or is_loopback(host):
        return []
    return [
        Warning(
            f"The queue's Redis at {host} asks for no password.",
            hint="Give it one, and use TLS: rediss://:password@host:6379/0.",
            id="stripeflow.W108",
        )
    ]


def _redis(value: object) -> tuple[str, bool]:
    """The host of the broker, "" if there is none, and whether a password is sent to it."""
    if isinstance(value, str):
        try:
            parts = urlsplit(value)
        except ValueError:
            return "", False
        return (parts.hostname or "" if parts.scheme != "unix" else ""), bool(parts.password)
    if isinstance(value, Mapping) and value and not value.get("unix_socket_path"):
        return str(value.get("host") or "localhost"), bool(value.get("password"))
    return "", False
