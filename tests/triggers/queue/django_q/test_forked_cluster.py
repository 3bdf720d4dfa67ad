import gc
import json

import pytest
from django_q.conf import Conf

from stripeflow.triggers.queue.django_q import forked_cluster
from stripeflow.workflows.worker.forked import Forked

ASKED = ("CLUSTER_NAME", "PREFIX", "WORKERS", "QUEUE_LIMIT", "RETRY", "SCHEDULER", "ORM")


@pytest.fixture(autouse=True)
def garbage_collection():
    """As it is in other tests."""
    yield
    gc.unfreeze()


@pytest.fixture
def conf_of(settings, tmp_path, monkeypatch):
    """The settings that a cluster of that name runs with."""
    settings.Q_CLUSTER = {
        "name": "default",
        "orm": "default",
        "timeout": 20,
        "retry": 40,
        "ALT_CLUSTERS": {"ours": {"workers": 3, "queue_limit": 1, "retry": 300, "scheduler": False}},
    }

    def conf_of(name):
        said = tmp_path / "said"
        monkeypatch.setattr(
            forked_cluster,
            "Cluster",
            lambda: said.write_text(json.dumps({key: getattr(Conf, key) for key in ASKED})) and Idle(),
        )
        assert Forked(forked_cluster.run, environment={"Q_CLUSTER_NAME": name}).wait() == 0
        return json.loads(said.read_text())

    return conf_of


class Idle:
    """A cluster that ends at once."""

    sentinel = property(lambda self: self)

    def start(self):
        pass

    def join(self):
        pass


def test_it_has_the_settings_of_its_own_name(conf_of):
    assert conf_of("ours") == {
        "CLUSTER_NAME": "ours",
        "PREFIX": "default",
        "WORKERS": 3,
        "QUEUE_LIMIT": 1,
        "RETRY": 300,
        "SCHEDULER": False,
        "ORM": "default",
    }


def test_the_process_that_forks_keeps_its_own(conf_of):
    before = {key: getattr(Conf, key) for key in ASKED}
    conf_of("ours")
    assert {key: getattr(Conf, key) for key in ASKED} == before
