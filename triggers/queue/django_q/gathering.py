"""Several messages written in one go, where django-q2 writes each by itself.

Imported late: django-q2 reads its settings when it is imported.
"""

import sys

from django_q.brokers import Broker

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
        if _is_redis(self._broker):
            self._broker.connection.rpush(self.list_key, *self._messages)
        elif isinstance(self._broker, TableBroker):
            self._broker.enqueue_all(self._messages)
        else:
            for message in self._messages:
                self._broker.enqueue(message)


def _is_redis(broker: Broker) -> bool:
    """Whether it is django-q2's own broker for Redis; does not import that, and 60 modules, to find out."""
    module = sys.modules.get("django_q.brokers.redis_broker")
    return module is not None and type(broker) is module.Redis
