import pytest


@pytest.fixture
def cluster(monkeypatch):
    """Work off one round of the queue of the cluster with this name, by django-q2's own functions."""
    from multiprocessing import Event, Value
    from queue import SimpleQueue

    from django_q.brokers import get_broker
    from django_q.conf import Conf
    from django_q.monitor import monitor
    from django_q.pusher import pusher
    from django_q.worker import worker

    def work(name="stripeflow"):
        monkeypatch.setattr(Conf, "CLUSTER_NAME", name)
        # Theirs are processes with connections of their own.
        for module in ("worker", "monitor"):
            monkeypatch.setattr(f"django_q.{module}.close_old_django_connections", lambda: None)
        stop, taken, done = Event(), SimpleQueue(), SimpleQueue()
        stop.set()
        broker = get_broker(name)
        pusher(taken, stop, broker)
        taken.put("STOP")
        worker(taken, done, Value("f", -1), timeout=-1)
        done.put("STOP")
        monitor(done, broker)

    return work
