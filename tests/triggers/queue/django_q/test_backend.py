"""django-q2 as the queue: what its messages are like, where they go, and how its cluster is started."""

import sys
from datetime import timedelta

import pytest
from django.db import transaction
from django_q.models import OrmQ

from stripeflow.triggers.queue.django_q import DjangoQBackend, forked_cluster, kept_broker
from stripeflow.triggers.queue.tasks import MIRROR

BACKEND = DjangoQBackend()


@pytest.mark.django_db
def test_a_message_goes_to_our_cluster_and_carries_ids(settings):
    settings.STRIPEFLOW = {"QUEUE_CLUSTER": "ours"}
    BACKEND.enqueue(MIRROR, 7)
    message = OrmQ.objects.get()
    assert message.key == "ours"
    task = message.task
    assert (task["func"], task["args"], task["kwargs"], task["save"]) == (MIRROR, (7,), {}, False)


def enqueue_and_fail():
    BACKEND.enqueue(MIRROR, 7)
    raise ZeroDivisionError


@pytest.mark.django_db(transaction=True)
def test_a_message_that_is_a_row_of_this_database_commits_with_the_transaction():
    assert BACKEND.writes_in_transaction
    with pytest.raises(ZeroDivisionError):
        transaction.atomic(enqueue_and_fail)()
    assert not OrmQ.objects.exists()
    with transaction.atomic():
        BACKEND.enqueue(MIRROR, 7)
    assert OrmQ.objects.count() == 1


@pytest.mark.parametrize(
    ("conf", "database"),
    [
        ({"ORM": None}, None),
        ({"ORM": "default"}, "default"),
        ({"ORM": "analytics"}, "analytics"),
        ({"ORM": "default", "BROKER_CLASS": "shop.brokers.Broker"}, None),
    ],
)
def test_its_database_is_the_one_that_django_q_uses(monkeypatch, conf, database):
    for name, value in conf.items():
        monkeypatch.setattr(f"django_q.conf.Conf.{name}", value)
    assert BACKEND.database == database


@pytest.mark.django_db
def test_the_broker_is_kept():
    assert kept_broker("ours", is_table=True) is kept_broker("ours", is_table=True)


@pytest.mark.django_db(transaction=True)
def test_a_message_is_written_as_the_broker_itself_would():
    with transaction.atomic():
        BACKEND.enqueue(MIRROR, 7)
    BACKEND.enqueue(MIRROR, 7)
    ours, theirs = OrmQ.objects.order_by("pk")
    assert ours.key == theirs.key
    assert abs(ours.lock - theirs.lock) < timedelta(seconds=5)
    assert [ours.task[name] for name in ("func", "args")] == [theirs.task[name] for name in ("func", "args")]


def test_its_workers_are_a_cluster_of_our_name(settings):
    settings.STRIPEFLOW = {"QUEUE_CLUSTER": "ours"}
    command = BACKEND.worker_command()
    assert command.argv == (sys.executable, sys.argv[0], "qcluster")
    assert command.environment == {"Q_CLUSTER_NAME": "ours"}
    assert command.run is forked_cluster.run
