"""Several parts of an installation as children of one process, which shares with them what it has loaded.

It starts no thread and keeps no connection open, so that it can fork a part again at any time.
"""

import logging
import os
import signal
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from stripeflow.workflows.worker.forked import Forked

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Part:
    """What one child does until it is asked to end."""

    name: str
    work: Callable[[], None]


class Together:
    """Starts the parts, each in a process and a group of its own."""

    def __init__(self, parts: Iterable[Part]) -> None:
        self.running = {part: _fork(part) for part in parts}

    def keep_alive(self) -> None:
        """Start each part again that has ended, for whatever reason."""
        for part, process in self.running.items():
            code = process.poll()
            if code is None:
                continue
            logger.error("workflows.together.part_ended", extra={"part": part.name, "exit_code": code})
            # What it has left behind may hold its port. Workers finish their steps.
            _ask_group_to_end(process)
            self.running[part] = _fork(part)

    def stop(self) -> None:
        """Ask all parts to end, in their order, and wait until they have."""
        for process in self.running.values():
            process.terminate()
        for process in self.running.values():
            process.wait()


def _fork(part: Part) -> Forked:
    return Forked(part.work, environment={})


def _ask_group_to_end(leader: Forked) -> None:
    try:
        os.killpg(leader.pid, signal.SIGTERM)
    except ProcessLookupError:
        logger.debug("workflows.together.group_gone")
