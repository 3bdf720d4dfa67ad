"""Tells from outside whether a django-q2 cluster still takes messages.

A cluster whose idle worker is killed while it holds the queue's lock stops for good: it logs nothing, and
SIGTERM does not help. So a change among its processes makes it suspect until it has taken a message.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum


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
    """What was seen of one cluster. Pure: it is given process ids, signs of life and the time.

    `patience` is how long a suspect may take to show a sign, and a cluster to start its processes;
    `silence` is how long a cluster may show none before it is suspect without a change. Both together are
    50 seconds, which leaves 10 for the start of the next within the minute. Workers sign between the steps
    of a run, and a step's calls to Stripe end within 40 seconds, so that only all workers of a cluster in
    one slow step each come near that.
    """

    started_at: datetime
    patience: timedelta = timedelta(seconds=20)
    silence: timedelta = timedelta(seconds=30)
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
            # Whose signer is dead proves nothing: the lock may have died with it.
            if last_sign.pid in pids:
                self.alive_at = min(last_sign.at, now)
        if self.suspect_since is not None and self.alive_at > self.suspect_since:
            self.suspect_since = None
        if self.suspect_since is None:
            self.suspect_since = self._suspicion(died, born, before, now)
        if self.suspect_since is None:
            return Verdict.FINE
        return Verdict.HUNG if now - self.suspect_since >= self.patience else Verdict.SUSPECT

    def _set_back(self, by: timedelta) -> None:
        self.started_at -= by
        self.looked_at -= by
        self.alive_at -= by
        if self.suspect_since is not None:
            self.suspect_since -= by

    def _suspicion(
        self, died: frozenset[int], born: frozenset[int], before: datetime, now: datetime
    ) -> datetime | None:
        """Since when no sign is known that would clear the cluster; None if nothing speaks against it."""
        if died:
            return now
        # Those that come in place of others which were born and died between two looks.
        if born and self.alive_at <= before:
            return before
        # The death of its sentinel leaves none, and may have come before the first look.
        headless = not self.known and now - self.started_at >= self.patience
        return now if headless or now - self.alive_at > self.silence else None
