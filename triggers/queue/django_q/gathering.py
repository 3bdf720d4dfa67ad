"""Several messages written in one go, where django-q2 writes each by itself.

Imported late: django-q2 reads its settings when it is imported.
"""

from django_q.brokers import Broker
from django_q.brokers.redis_broker import Redis

from stripeflow.triggers.queue.django_q.table_broker import TableBroker


class Gathered:
    """Stands in for the broker while messages are made, and then sends all of them to it."""

    def __init__(self, broker: Broker) -> None:
        self._broker = broker
        self.list_key = broker.list_key
        self._messages: list[str] = []

    def enqueue(self, task: str) -> None:
        self._messages.append(task)

    def send(self) -> None:
        """Write the messages in their order. Raises whatever the broker raises."""
        if type(self._broker) is Redis:
            self._broker.connection.rpush(self.list_key, *self._messages)
        elif isinstance(self._broker, TableBroker):
            self._broker.enqueue_all(self._messages)
        else:
            for message in self._messages:
                self._broker.enqueue(message)
