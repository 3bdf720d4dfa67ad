import pytest

from stripeflow.triggers.queue.django_q import checks

# Seconds.
LONGEST = 85.0


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
    assert checks.all_checks(longest_task=LONGEST) == []


@pytest.mark.parametrize(
    "own",
    [
        {"timeout": None},
        {"timeout": 30},
        {"retry": 60},
        {"queue_limit": 50, "retry": 300},
        {"queue_limit": None, "workers": 8, "retry": 300},
    ],
    ids=["no timeout", "short timeout", "early retry", "long prefetch", "prefetch by workers"],
)
def test_queue_that_repeats_running_tasks_is_an_error(queue, own):
    queue(**own)
    assert ids(checks.check_times(LONGEST)) == ["stripeflow.E103"]


def test_an_unknown_cluster_is_a_warning(settings):
    settings.STRIPEFLOW = {"QUEUE_CLUSTER": "elsewhere"}
    assert ids(checks.check_cluster()) == ["stripeflow.W004"]


def test_queue_that_repeats_for_ever_is_a_warning(queue):
    queue(max_attempts=0)
    assert ids(checks.check_attempts()) == ["stripeflow.W102"]


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
    assert ids(checks.check_workers()) == found


def test_workers_broker_that_the_site_does_not_use_is_an_error(queue):
    queue(redis="redis://127.0.0.1:6379/0")
    assert ids(checks.check_broker()) == ["stripeflow.E104"]
