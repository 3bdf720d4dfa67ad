"""Messages as they lie in the queue, taken from it by django-q2's own functions, as a cluster does it."""

import os
from multiprocessing import Event, Value
from queue import SimpleQueue

import pytest
from django.contrib.auth.hashers import make_password
from django_q.brokers import get_broker
from django_q.conf import Conf
from django_q.models import OrmQ, Task
from django_q.monitor import monitor
from django_q.pusher import pusher
from django_q.tasks import async_task
from django_q.worker import worker

from stripeflow.triggers import tasks
from stripeflow.triggers.queue.django_q import task_guard
from stripeflow.triggers.queue.django_q.task_guard import is_allowed
from stripeflow.workflows import alerts, heartbeat, queue, reconciling
from stripeflow.workflows.models import Beat

OURS = "stripeflow"
pytestmark = pytest.mark.django_db


@pytest.fixture
def cluster(monkeypatch):
    """Work off one round of the queue of the cluster with this name."""

    def work(name=OURS):
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


@pytest.mark.parametrize("name", ["os.mkdir", "stripeflow.triggers.tasks.mirroring.queue.enqueue"])
def test_a_message_that_names_another_function_is_taken_off_and_not_run(cluster, tmp_path, name):
    folder = tmp_path / "made"
    async_task(name, str(folder), cluster=OURS)
    cluster()
    assert not folder.exists()
    assert not OrmQ.objects.exists()
    failure = Task.objects.get()
    assert not failure.success
    assert "no task of the workflows' cluster" in failure.result


def test_a_function_that_was_put_into_the_message_is_not_run(cluster, tmp_path):
    async_task(os.mkdir, str(tmp_path / "made"), cluster=OURS)
    cluster()
    assert not (tmp_path / "made").exists()


def test_our_own_task_is_run(cluster):
    async_task(heartbeat.BEAT_TASK, cluster=OURS, save=False)
    cluster()
    assert Beat.objects.count() == 1
    assert not Task.objects.exists()


def test_a_task_of_another_cluster_is_not_our_business(cluster, tmp_path):
    async_task("os.mkdir", str(tmp_path / "made"), cluster="default")
    cluster("default")
    assert (tmp_path / "made").exists()


def test_a_project_may_allow_functions_of_its_own(cluster, tmp_path, settings):
    settings.STRIPEFLOW = {**settings.STRIPEFLOW, "QUEUE_TASKS": ["os.mkdir"]}
    async_task("os.mkdir", str(tmp_path / "made"), cluster=OURS)
    cluster()
    assert (tmp_path / "made").exists()


hooked = []


def hook(task):
    hooked.append(task)


@pytest.mark.parametrize("name", [heartbeat.BEAT_TASK, "os.rmdir"])
def test_nothing_follows_a_task_that_the_message_names_besides(cluster, tmp_path, name):
    chain = [("os.mkdir", (str(tmp_path / "made"),))]
    async_task(name, cluster=OURS, hook=f"{__name__}.hook", chain=chain, save=True)
    cluster()
    assert Task.objects.exists()
    assert hooked == []
    assert not OrmQ.objects.exists()


@pytest.mark.parametrize(
    "path",
    [
        queue.EXECUTE_TASK,
        heartbeat.BEAT_TASK,
        reconciling.RECONCILE_TASK,
        alerts.ALERT_TASK,
        alerts.PAUSED_TASK,
        "stripeflow.triggers.tasks.mirror",
    ],
)
def test_what_we_enqueue_is_allowed(path):
    assert is_allowed(path)


@pytest.mark.parametrize(
    "path",
    [
        "",
        "tasks",
        "stripeflow.workflows.tasks",
        "stripeflow.workflows.tasks.UUID",
        "stripeflow.workflows.tasks.time.sleep",
        "stripeflow.workflows.tasks.draining.work",
        "workflows.tasks.no_such_task",
        "stripeflow.workflows.tasks.__name__",
        "stripeflow.triggers.tasks.mirroring.work",
        "stripeflow.workflows.restoring.hold",
        None,
        make_password,
        tasks.mirror,
    ],
)
def test_nothing_else_is_allowed(path):
    assert not is_allowed(path)


def test_a_private_function_of_a_module_of_tasks_is_not_allowed(monkeypatch):
    task_guard.allow(__name__)
    monkeypatch.setattr(task_guard, "_modules", {__name__})
    assert is_allowed(f"{__name__}.hook")
    assert not is_allowed(f"{__name__}._hidden")


def _hidden():
    """Not for the queue."""
