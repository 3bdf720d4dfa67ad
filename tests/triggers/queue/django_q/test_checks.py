import pytest
from django.contrib import admin
from django_q.models import Schedule

from stripeflow.triggers.queue.django_q import checks


@pytest.fixture
def queue(settings):
    """Q_CLUSTER with these values in our cluster."""

    def configure(*, base=None, **own):
        cluster = {"orm": "default", "timeout": 120, "retry": 300, "workers": 2, "queue_limit": 1}
        settings.Q_CLUSTER = {
            "name": "default",
            "orm": "default",
            **(base or {}),
            "ALT_CLUSTERS": {"stripeflow": {**cluster, "max_attempts": 3, **own}},
        }

    return configure


def ids(messages):
    return [message.id for message in messages]


def test_sensible_queue_passes(queue):
    queue()
    assert checks.check_queue_attempts(None) == checks.check_queue_broker(None) == []


def test_an_unknown_cluster_is_a_warning(settings):
    settings.STRIPEFLOW = {"QUEUE_CLUSTER": "elsewhere"}
    assert ids(checks.check_queue_cluster(None)) == ["stripeflow.W004"]


def test_queue_that_repeats_for_ever_is_a_warning(queue):
    queue(max_attempts=0)
    assert ids(checks.check_queue_attempts(None)) == ["stripeflow.W102"]


@pytest.mark.parametrize(
    ("workers", "mirror", "found"),
    [
        (1, {}, ["stripeflow.W106"]),
        (2, {}, []),
        (2, {"MIRROR_WORKERS": 2}, ["stripeflow.W106"]),
        (1, {"MIRROR": "off"}, []),
    ],
)
def test_mirror_that_takes_every_worker_is_a_warning(queue, settings, workers, mirror, found):
    queue(workers=workers)
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "MIRROR": "on", **mirror}
    assert ids(checks.check_queue_workers(None)) == found


def test_workers_broker_that_the_site_does_not_use_is_an_error(queue):
    queue(redis="redis://127.0.0.1:6379/0")
    assert ids(checks.check_queue_broker(None)) == ["stripeflow.E104"]


def test_pages_of_the_queue_are_a_warning():
    assert checks.check_queue_admin(None) == []
    admin.site.register(Schedule)
    try:
        assert ids(checks.check_queue_admin(None)) == ["stripeflow.W103"]
    finally:
        admin.site.unregister(Schedule)
