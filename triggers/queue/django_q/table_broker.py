"""django-q2's ORM broker, with a quicker way to write a message in the current transaction.

Imported late: django-q2 reads its settings when it is imported.
"""

from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone
from django_q.brokers.orm import ORM
from django_q.models import OrmQ

from stripeflow.triggers.sql import insert, insert_all


class TableBroker(ORM):
    """The broker of a queue whose messages are rows of our own database."""

    def enqueue(self, task: str) -> int:
        """Write the message, in a transaction by SQL that is compiled once; returns its key."""
        if not transaction.get_connection().in_atomic_block:
            return int(super().enqueue(task))
        message = self._message(task)
        insert(message)
        return int(message.pk)

    def enqueue_all(self, tasks: Sequence[str]) -> None:
        """Write the messages, in a transaction by one statement where the database can."""
        if transaction.get_connection().in_atomic_block:
            insert_all([self._message(task) for task in tasks])
            return
        for task in tasks:
            super().enqueue(task)

    def _message(self, task: str) -> OrmQ:
        return OrmQ(key=self.list_key, payload=task, lock=timezone.now())
