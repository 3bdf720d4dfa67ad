import gc
import json
import os
import signal

import pytest
from django_q.cluster import Sentinel
from django_q.conf import Conf

from stripeflow.triggers.queue.django_q import forked_cluster
from stripeflow.triggers.queue.django_q.forked_cluster import OwnSentinel
from stripeflow.triggers.queue.stopping import Stop
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
            "OwnSentinel",
            lambda *_args, **_options: (
                said.write_text(json.dumps({key: getattr(Conf, key) for key in ASKED})) and Idle()
            ),
        )
        assert Forked(forked_cluster.run, environment={"Q_CLUSTER_NAME": name}).wait() == 0
        return json.loads(said.read_text())

    return conf_of


class Idle:
    """A sentinel that ends at once."""

    def start(self):
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


def test_a_process_below_ends_by_sigterm_and_not_by_ctrl_c():
    """It is forked from one with a handler, and must not lose a signal to that."""
    sentinel, stop = OwnSentinel.__new__(OwnSentinel), Stop()
    before = {number: signal.signal(number, stop.set_by_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    said, says = os.pipe()
    try:
        child = sentinel.spawn_process(tell_signals, says)
        child.join(timeout=30)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    assert json.loads(os.read(said, 1000)) == [signal.SIG_DFL, signal.SIG_IGN, []]
    assert not stop.is_set()
    assert signal.pthread_sigmask(signal.SIG_BLOCK, ()) == set()


def tell_signals(says):
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    mask = sorted(signal.pthread_sigmask(signal.SIG_BLOCK, ()))
    os.write(says, json.dumps([*handlers, mask]).encode())


def test_nothing_is_started_again_once_all_are_to_end(monkeypatch):
    """Their own signal may have ended them a moment before; a new one would begin further work."""
    started = []
    monkeypatch.setattr(Sentinel, "reincarnate", lambda self, process: started.append(process))
    sentinel = OwnSentinel.__new__(OwnSentinel)
    sentinel.stop_event = Stop()
    sentinel.reincarnate("before")
    sentinel.stop_event.set_by_signal(signal.SIGTERM, None)
    sentinel.reincarnate("after")
    assert started == ["before"]
