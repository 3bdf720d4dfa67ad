import pytest
from django.contrib import admin
from django.core.checks import registry
from django_q.models import Schedule

from stripeflow.triggers.cluster_settings import with_stripeflow
from stripeflow.triggers.queue.django_q import safety

OWN = {"name": "shop", "orm": "default"}


def ids(messages):
    return [message.id for message in messages]


def test_the_sites_own_queue_passes():
    assert registry.run_checks(tags=["security"], include_deployment_checks=False) == []
    assert safety.check_redis() == []


def test_a_cluster_that_runs_schedules_is_a_warning(settings):
    settings.Q_CLUSTER = {**OWN, "ALT_CLUSTERS": {"stripeflow": {}}}
    assert ids(safety.check_scheduler()) == ["stripeflow.W107"]


def test_the_schedules_of_a_projects_other_clusters_are_its_own(settings):
    settings.Q_CLUSTER = with_stripeflow({**OWN, "scheduler": True})
    assert safety.check_scheduler() == []


@pytest.mark.parametrize(
    "redis",
    [
        "redis://queue.example.com:6379/0",
        "redis://worker@queue.example.com/0",
        "rediss://queue.example.com",
        {"host": "queue.example.com", "port": 6379},
        {"host": "10.0.0.5", "password": ""},
    ],
)
def test_a_redis_that_others_reach_without_a_password_is_a_warning(settings, redis):
    settings.Q_CLUSTER = with_stripeflow({"name": "shop", "redis": redis})
    [found] = safety.check_redis()
    assert found.id == "stripeflow.W108"
    assert "password@" in found.hint


@pytest.mark.parametrize(
    "redis",
    [
        "redis://127.0.0.1:6379/0",
        "redis://localhost",
        "redis://:secret@queue.example.com",
        "rediss://worker:secret@queue.example.com/0",
        "unix:///run/redis.sock",
        {"host": "queue.example.com", "password": "secret"},
        {"unix_socket_path": "/run/redis.sock"},
        {"port": 6379},
        {},
        None,
    ],
)
def test_a_redis_with_a_password_or_on_this_machine_passes(settings, redis):
    settings.Q_CLUSTER = with_stripeflow({"name": "shop", "redis": redis})
    assert safety.check_redis() == []


def test_the_password_is_not_shown(settings):
    settings.Q_CLUSTER = with_stripeflow({"name": "shop", "redis": "redis://secret@queue.example.com"})
    [found] = safety.check_redis()
    assert "secret" not in found.msg


def test_pages_of_the_queue_are_a_warning():
    assert safety.check_admin() == []
    admin.site.register(Schedule)
    try:
        assert ids(safety.check_admin()) == ["stripeflow.W103"]
    finally:
        admin.site.unregister(Schedule)
