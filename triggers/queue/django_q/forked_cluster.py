"""Runs a cluster of django-q2 in a process that is forked from one in which Django is set up."""

import importlib.util

# Imported before the fork, so that its processes share it. What it takes from `Conf` by then, it asks again.
from django_q.cluster import Cluster
from django_q.conf import Conf


def run() -> None:
    """Run the cluster that the environment variable Q_CLUSTER_NAME names, until it is asked to end."""
    _read_settings_again()
    cluster = Cluster()
    cluster.start()
    cluster.sentinel.join()


def _read_settings_again() -> None:
    """Django-q2 reads its settings, and the name of its cluster, once: when it is imported."""
    spec = importlib.util.find_spec("django_q.conf")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name, value in vars(module.Conf).items():
        if not name.startswith("__"):
            setattr(Conf, name, value)
