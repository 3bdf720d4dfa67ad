"""Tells from outside whether a django-q2 cluster still takes messages.

A cluster whose idle worker is killed while it holds the queue's lock stops for good: it logs nothing, and
SIGTERM does not help. So a death among its processes makes it suspect until it has taken a message.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum


class Verdict(Enum):
    FINE = "fine"
    SUSPECT = "suspect"
    HUNG = "hung"


@dataclass
class Watchdog:
    """What was seen of one cluster. Pure: it is given process ids, signs of life and the time.

    `patience` is how long a suspect may take to show a sign, and a cluster to start its processes;
    `silence` is how long a cluster may show none before it is suspect without a death. Both together are a
    minute. Workers sign between the steps of a run, and a step's calls to Stripe end within 40 seconds, so
    that only all workers of a cluster in one slow step each come near that.
    """

    started_at: datetime
    patience: timedelta = timedelta(seconds=20)
    silence: timedelta = timedelta(seconds=40)
    known: frozenset[int] = frozenset()
    suspect_since: datetime | None = None

    def look(self, *, pids: frozenset[int], last_sign: datetime | None, now: datetime) -> Verdict:
        """Judge the cluster by its processes now and its last sign of life, if it ever gave one."""
        somebody_died = bool(self.known - pids)
        self.known = pids
        alive_at = max(filter(None, (last_sign, self.started_at)))
        if self.suspect_since is not None and alive_at > self.suspect_since:
            self.suspect_since = None
        if self.suspect_since is None:
            # The death of its sentinel leaves none, and may have come before the first look.
            headless = not pids and now - self.started_at >= self.patience
            if not somebody_died and not headless and now - alive_at <= self.silence:
                return Verdict.FINE
            self.suspect_since = now
        return Verdict.HUNG if now - self.suspect_since >= self.patience else Verdict.SUSPECT
