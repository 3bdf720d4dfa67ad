"""Messages as they lie in the queue, taken from it by django-q2's own functions, as a cluster does it."""

import os

import pytest
from django_q.models import OrmQ, Task
from django_q.tasks import async_task

from stripeflow.workflows.models import Beat
from stripeflow.workflows.queue import BEAT

OURS = "stripeflow"
pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("name", ["os.mkdir", "stripeflow.triggers.tasks.mirroring.queue.enqueue"])
def test_a_message_that_names_another_function_is_taken_off_and_not_run(cluster, tmp_path, name):
    folder = tmp_path / "made"
    async_task(name, str(folder), cluster=OURS)
    cluster()
    assert not folder.exists()
    assert not OrmQ.objects.exists()
    failure = Task.objects.get()
    assert not failure.success
    assert "no task of the workflows" in failure.result


def test_a_function_that_was_put_into_the_message_is_not_run(cluster, tmp_path):
    async_task(os.mkdir, str(tmp_path / "made"), cluster=OURS)
    cluster()
    assert not (tmp_path / "made").exists()


def test_our_own_task_is_run(cluster):
    async_task(BEAT, cluster=OURS, save=False)
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


@pytest.mark.parametrize("name", [BEAT, "os.rmdir"])
def test_nothing_follows_a_task_that_the_message_names_besides(cluster, tmp_path, name):
    chain = [("os.mkdir", (str(tmp_path / "made"),))]
    async_task(name, cluster=OURS, hook=f"{__name__}.hook", chain=chain, save=True)
    cluster()
    assert Task.objects.exists()
    assert hooked == []
    assert not OrmQ.objects.exists()
