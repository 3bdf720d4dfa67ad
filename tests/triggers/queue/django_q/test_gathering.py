import subprocess
import sys

from django_q.brokers.redis_broker import Redis

from stripeflow.triggers.queue.django_q.gathering import Gathered

BODY = """
import sys
import django
django.setup()
from stripeflow.triggers.queue.django_q.gathering import Gathered

class Sample:
    list_key = "sample"
    sent = []

    def enqueue(self, task):
        self.sent.append(task)

gathered = Gathered(Sample())
gathered.enqueue("one")
gathered.enqueue("two")
gathered.send()
print(Sample.sent, "redis" in sys.modules)
"""


class Connection:
    def __init__(self, sent):
        self.sent = sent

    def rpush(self, key, *messages):
        self.sent.append((key, *messages))


def test_messages_for_another_broker_are_sent_without_importing_redis():
    """Each web process by itself would import it, and copy pages that it shares so far."""
    done = subprocess.run([sys.executable, "-c", BODY], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "['one', 'two'] False"


def test_messages_for_redis_are_sent_as_one_command():
    broker, sent = Redis.__new__(Redis), []
    broker.list_key, broker.connection = "sample", Connection(sent)
    gathered = Gathered(broker)
    gathered.enqueue("one")
    gathered.enqueue("two")
    gathered.send()
    assert sent == [("sample", "one", "two")]
