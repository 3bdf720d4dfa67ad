"""A queue for tests, as Django's `mail.outbox` is for e-mails: it keeps the messages in a list.

queue = MemoryBackend()
with temporarily(queue):
    accept(event)
assert queue.messages == [Message("stripeflow.workflows.tasks.execute", (str(run.pk),))]
queue.run()
"""

from dataclasses import dataclass, field
from uuid import uuid4

from django.core.checks import CheckMessage, Warning
from django.utils.module_loading import import_string

from stripeflow.triggers.queue.base import Backend
from stripeflow.triggers.queue.tasks import TaskRefused, is_allowed


@dataclass(frozen=True)
class Message:
    """What a worker would get: the task's dotted path, and its arguments. The id is its own."""

    task: str
    args: tuple[object, ...] = ()
    id: str = field(default_factory=lambda: uuid4().hex, compare=False)


class MemoryBackend(Backend):
    """Keeps the messages of this process until a test runs them.

    `messages` is what waits, oldest first. With `database` it says that its messages are rows of that
    database: then those of a transaction are there before its commit. While `error` is set, the queue is
    down: each message raises it.
    """

    def __init__(self, *, database: str | None = None) -> None:
        self.messages: list[Message] = []
        self.error: Exception | None = None
        self._database = database

    @property
    def database(self) -> str | None:
        return self._database

    def enqueue(self, task: str, *args: object) -> str:
        if self.error is not None:
            raise self.error
        message = Message(task, args)
        self.messages.append(message)
        return message.id

    def of(self, task: str) -> list[tuple[object, ...]]:
        """The arguments of each message for this task that waits, oldest first."""
        return [message.args for message in self.messages if message.task == task]

    def run(self) -> int:
        """Run the messages that wait now, as a worker would; returns how many.

        Raises what a task raises, and TaskRefused for a function that is no task of ours. That message is
        removed, and those after it stay.
        """
        waiting = len(self.messages)
        for _turn in range(waiting):
            message = self.messages.pop(0)
            if not is_allowed(message.task):
                raise TaskRefused
            import_string(message.task)(*message.args)
        return waiting

    def connect(self) -> None:
        """Nothing to connect: `run` looks at each message itself."""

    def checks(self, *, longest_task: float) -> list[CheckMessage]:
        """W016: no worker gets these messages."""
        return [
            Warning(
                "The queue keeps its messages in the memory of each process, so that no worker gets them.",
                hint='Leave STRIPEFLOW["QUEUE_BACKEND"] out, except in tests.',
                id="stripeflow.W016",
            )
        ]
