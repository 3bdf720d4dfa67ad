"""Finds out from outside whether the processes of a worker command still take messages.

With some queues the death of one process may stop all others for ever. There a change among the processes
makes them suspect until one of them has taken a message.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum

from stripeflow.triggers.queue.base import SignsOfLife


class Verdict(Enum):
    FINE = "fine"
    SUSPECT = "suspect"
    HUNG = "hung"


@dataclass(frozen=True)
class Sign:
    """A message that the process `pid` of a cluster took."""

    at: datetime
    pid: int


@dataclass
class Watchdog:
    """The state of one cluster, as seen from outside. Pure: it gets process ids, signs of life and the time.

    Workers sign between the steps of a run, and a step's calls to Stripe end within 40 seconds. So only a
    cluster with every worker in a slow step comes near the patience and the silence that `signs` grants.
    """

    started_at: datetime
    signs: SignsOfLife
    known: frozenset[int] = frozenset()
    looked_at: datetime = field(init=False)
    alive_at: datetime = field(init=False)
    seen: Sign | None = None
    suspect_since: datetime | None = None

    def __post_init__(self) -> None:
        self.looked_at = self.alive_at = self.started_at

    def look(self, *, pids: frozenset[int], last_sign: Sign | None, now: datetime) -> Verdict:
        """Judge the cluster by its processes now and its last sign of life, if it ever gave one."""
        if now < self.looked_at:
            self._set_back(self.looked_at - now)
        before, self.looked_at = self.looked_at, now
        died, born = self.known - pids, pids - self.known
        self.known = pids
        if last_sign is not None and last_sign != self.seen:
            self.seen = last_sign
            # The sign of a dead process proves nothing: the lock may have died with it.
            if last_sign.pid in pids:
                self.alive_at = min(last_sign.at, now)
        if self.suspect_since is not None and self.alive_at > self.suspect_since:
            self.suspect_since = None
        if self.suspect_since is None:
            self.suspect_since = self._suspicion(died, born, before, now)
        if self.suspect_since is None:
            return Verdict.FINE
        return Verdict.HUNG if now - self.suspect_since >= self.signs.patience else Verdict.SUSPECT

    def _set_back(self, by: timedelta) -> None:
        self.started_at -= by
        self.looked_at -= by
        self.alive_at -= by
        if self.suspect_since is not None:
            self.suspect_since -= by

    def _suspicion(
        self, died: frozenset[int], born: frozenset[int], before: datetime, now: datetime
    ) -> datetime | None:
        """Since when no sign has cleared the cluster; None if it is not suspect."""
        if died and self.signs.death_stops_others:
            return now
        # Processes that replace others which started and died between two looks.
        if born and self.signs.death_stops_others and self.alive_at <= before:
            return before
        # The death of the starting process leaves none, and may have come before the first look.
        headless = not self.known and now - self.started_at >= self.signs.patience
        return now if headless or now - self.alive_at > self.signs.silence else None
