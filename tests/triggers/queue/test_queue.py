from datetime import timedelta

import pytest
from django.db import OperationalError, transaction
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from stripeflow.triggers import mirror, queue, tasks


@pytest.mark.django_db
def test_a_message_goes_to_our_cluster_and_carries_ids(settings):
    settings.STRIPEFLOW = {"QUEUE_CLUSTER": "ours"}
    queue.enqueue("stripeflow.triggers.tasks.mirror", 7)
    message = OrmQ.objects.get()
    assert message.key == "ours"
    task = message.task
    assert (task["func"], task["args"], task["kwargs"], task["save"]) == (
        "stripeflow.triggers.tasks.mirror",
        (7,),
        {},
        False,
    )


def test_the_mirrors_task_is_where_the_message_says():
    assert import_string(mirror.MIRROR_TASK) is tasks.mirror


def ring():
    queue.enqueue("stripeflow.triggers.tasks.mirror", 7)


@transaction.atomic
def ring_and_fail():
    queue.on_commit(ring)
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_a_row_of_this_database_commits_with_the_transaction():
    with transaction.atomic():
        queue.on_commit(ring)
        assert OrmQ.objects.count() == 1
    with pytest.raises(ZeroDivisionError):
        ring_and_fail()
    assert OrmQ.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_message_to_another_server_waits_for_the_commit(monkeypatch):
    monkeypatch.setattr("django_q.conf.Conf.ORM", None)
    rung = []
    with transaction.atomic():
        queue.on_commit(lambda: rung.append(7))
        assert rung == []
    assert rung == [7]


@pytest.mark.django_db
def test_a_queue_that_is_down_is_logged_and_a_broken_transaction_is_not_hidden(caplog):
    queue.on_commit(lambda: 1 / 0)
    assert "triggers.queue.ring_failed" in caplog.messages

    def fail():
        raise OperationalError("full")

    with pytest.raises(OperationalError):
        queue.on_commit(fail)


@pytest.mark.django_db
def test_the_broker_is_kept():
    assert queue._broker("ours") is queue._broker("ours")


@pytest.mark.django_db
def test_a_message_is_written_as_the_broker_itself_would(monkeypatch):
    ring()
    with monkeypatch.context() as patched:
        patched.setattr(queue, "commits_with_us", lambda: False)
        ring()
    ours, theirs = OrmQ.objects.order_by("pk")
    assert ours.key == theirs.key
    assert abs(ours.lock - theirs.lock) < timedelta(seconds=5)
    assert [ours.task[name] for name in ("func", "args")] == [theirs.task[name] for name in ("func", "args")]
