import pytest
from django_q.models import OrmQ

from triggers import queue


@pytest.mark.django_db
def test_a_message_goes_to_our_cluster_and_carries_ids(settings):
    settings.STRIPEFLOW = {"QUEUE_CLUSTER": "ours"}
    queue.enqueue("triggers.tasks.mirror", 7)
    message = OrmQ.objects.get()
    assert message.key == "ours"
    task = message.task
    assert (task["func"], task["args"], task["kwargs"], task["save"]) == (
        "triggers.tasks.mirror",
        (7,),
        {},
        False,
    )
