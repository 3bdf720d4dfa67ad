"""The contract of a queue: all that StripeFlow asks of what carries its messages to its workers.

A row is the truth, and a message only makes a worker look at it. So a queue may lose messages, or deliver
them twice or in any order: work comes later then, but is neither lost nor repeated.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.checks import CheckMessage
from django.db import DEFAULT_DB_ALIAS


@dataclass(frozen=True)
class WorkerCommand:
    """How to start the processes that take messages: a command line, and additional environment variables.

    `run` does the same as the command line. It is called in a process that is forked from the worker command,
    and so shares its memory; without it the command line is executed.
    """

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)
    run: Callable[[], None] | None = None


@dataclass(frozen=True)
class SignsOfLife:
    """What the processes of a worker command show while they live, for those who watch them from outside.

    Only a message proves that messages are taken: the task `beat` of `workflows` writes a row with the
    process that ran it. Every other task counts as well.
    """

    # Children of the process that the command starts take the messages; that one only looks after them.
    below_main: bool = False
    # A process that dies may keep the others from taking messages, though they live.
    death_stops_others: bool = False
    # How long suspects have to take a message, and new processes to start.
    patience: timedelta = timedelta(seconds=20)
    # How long they may be silent before they are suspect. Both times are 50 seconds together, which leaves 10
    # to start new ones within the minute.
    silence: timedelta = timedelta(seconds=30)


class Backend(ABC):
    """One kind of queue. `STRIPEFLOW["QUEUE_BACKEND"]` names a subclass, created without arguments."""

    signs_of_life = SignsOfLife()

    @property
    def worker_processes(self) -> int:
        """How many processes of one worker command take messages."""
        return 1

    @property
    def waits_for_threads(self) -> bool:
        """Whether what a task leaves to threads of its process goes on after the task, and to its end.

        So it is where workers run tasks in the main thread, one at a time, and end as Python does.
        """
        return False

    @property
    def database(self) -> str | None:
        """The alias of the database whose tables hold the messages; None if they are elsewhere."""
        return None

    @property
    def writes_in_transaction(self) -> bool:
        """Whether a message is written by the transaction around `enqueue`, and undone with it."""
        return self.database == DEFAULT_DB_ALIAS

    @abstractmethod
    def enqueue(self, task: str, *args: object) -> str:
        """Have a worker call the function `task` (dotted path) with `args`; return the message's id.

        The arguments are ids: texts and whole numbers. Raises whatever the queue's client raises.
        """

    def enqueue_all(self, task: str, many: Sequence[tuple[object, ...]]) -> list[str]:
        """Do `enqueue` for each of the arguments, in their order; return the messages' ids."""
        return [self.enqueue(task, *args) for args in many]

    def worker_command(self) -> WorkerCommand | None:
        """How the worker command starts what takes messages; None if there is nothing to start."""
        return None

    @abstractmethod
    def connect(self) -> None:
        """Have its workers refuse everything but our tasks; called once, when the apps are ready.

        Anyone who reaches the queue can write messages, and must not choose what a worker runs.
        """

    def checks(self, *, longest_task: float) -> list[CheckMessage]:
        """What is wrong with the queue's settings, where a task takes up to `longest_task` seconds."""
        return []

    def security_checks(self) -> list[CheckMessage]:
        """What the queue allows others to do, but should not."""
        return []

    def deployment_checks(self) -> list[CheckMessage]:
        """The same, of what is wrong in production only."""
        return []
