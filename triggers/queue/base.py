"""What a queue has to be: all that StripeFlow asks of whatever carries its messages to its workers.

A row is the truth, and a message only makes a worker look at it. So a queue may lose messages, deliver them
twice or in any order: that delays work, and neither loses nor repeats it.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from django.core.checks import CheckMessage
from django.db import DEFAULT_DB_ALIAS


@dataclass(frozen=True)
class WorkerCommand:
    """How to start the processes that take messages: a command line, and what its environment has besides."""

    argv: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class SignsOfLife:
    """What the processes of a worker command show while they live, for those who watch them from outside.

    Whether messages are taken shows only by one that is: the task `beat` of `workflows` writes a row with
    the process that ran it. Each task that runs counts as well.
    """

    # Messages are taken by processes below the one that the command starts, which only looks after them.
    below_main: bool = False
    # A process that dies may keep the others from taking messages, though they live.
    death_stops_others: bool = False
    # How long suspects have to take a message, and the first ones to start.
    patience: timedelta = timedelta(seconds=20)
    # How long they may take none before they are suspect. Both together are 50 seconds, which leaves 10 for
    # the start of others within the minute.
    silence: timedelta = timedelta(seconds=30)


class Backend(ABC):
    """One kind of queue. `STRIPEFLOW["QUEUE_BACKEND"]` names a subclass, created without arguments."""

    signs_of_life = SignsOfLife()

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

    def worker_command(self) -> WorkerCommand | None:
        """How the worker command starts what takes messages; None if it is not to start anything."""
        return None

    @abstractmethod
    def connect(self) -> None:
        """Have its workers refuse whatever is no task of ours; called once, when the apps are ready.

        Anyone who reaches the queue can write messages, and must not choose what a worker runs.
        """

    def checks(self, *, longest_task: float) -> list[CheckMessage]:
        """What is wrong with the queue's settings, where a task takes up to `longest_task` seconds."""
        return []

    def security_checks(self) -> list[CheckMessage]:
        """What the queue lets others do, and should not."""
        return []

    def deployment_checks(self) -> list[CheckMessage]:
        """The same, of what is wrong in production only."""
        return []
