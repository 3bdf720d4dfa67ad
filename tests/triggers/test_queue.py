import pytest
from django.utils.module_loading import import_string
from django_q.models import OrmQ

from triggers import inbox, queue, tasks


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


def test_the_mirrors_task_is_where_the_message_says():
    assert import_string(inbox.MIRROR_TASK) is tasks.mirror
