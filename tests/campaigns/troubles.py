"""What goes wrong during a campaign: SIGKILLs, restarts of what it stands on, and faults of Stripe."""

import logging
import random
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import psutil

from tests.campaigns import victims
from tests.campaigns.estate import Estate

logger = logging.getLogger(__name__)

# How long a kind of process may be missing before another kind is killed in its place.
PATIENCE_SECONDS = 15.0
MOST_FAULTS = 6
CUSTOMERS, REFUNDS, CHARGES = "/v1/customers", "/v1/refunds", "/v1/charges"
WRITES = ({"method": "POST", "path": CUSTOMERS}, {"method": "POST", "path": REFUNDS})
ALL = (*WRITES, {"method": "GET", "path": CHARGES})


class Trouble(threading.Thread):
    """Does `strike` again and again until it is stopped or has nothing left to do."""

    def __init__(self, rng: random.Random, *, pause: float) -> None:
        super().__init__(daemon=True)
        self.rng = rng
        self.pause = pause
        self.counts: Counter[str] = Counter()
        self.failure: BaseException | None = None
        self._over = threading.Event()

    def run(self) -> None:
        try:
            while self.goes_on() and not self._over.wait(self.pause * self.rng.uniform(0.5, 1.5)):
                self.strike()
        except BaseException as error:
            self.failure = error
            raise

    def goes_on(self) -> bool:
        return True

    def strike(self) -> None:
        raise NotImplementedError

    def stop(self) -> None:
        """End it. Raises what has ended it before."""
        self._over.set()
        self.join()
        if self.failure is not None:
            raise self.failure


class Kills(Trouble):
    """SIGKILLs, each kind of process in turn; of a kind that is not there another one takes the turn."""

    def __init__(self, estate: Estate, count: int, rng: random.Random, *, pause: float) -> None:
        super().__init__(rng, pause=pause)
        self.estate = estate
        self.left = count
        self._turns: list[str] = []

    def goes_on(self) -> bool:
        return self.left > 0

    def strike(self) -> None:
        self._turns = self._turns or self.rng.sample(victims.KINDS, len(victims.KINDS))
        kind = self._turns.pop()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while not self._kill(kind) and time.monotonic() < deadline and not self._over.wait(0.02):
            continue

    def _kill(self, kind: str) -> bool:
        found = victims.find(self.estate, kind)
        if not found:
            return False
        with suppress(psutil.NoSuchProcess):
            self.rng.choice(found).kill()
            self.left -= 1
            self.counts[kind] += 1
            return True
        return False


class Restarts(Trouble):
    """Restarts and crashes of the database and the broker."""

    def __init__(
        self, restarts: dict[str, Callable[[], None]], count: int, rng: random.Random, *, pause: float
    ) -> None:
        super().__init__(rng, pause=pause)
        self.restarts = restarts
        self.left = count if restarts else 0
        self._turns: list[str] = []

    def goes_on(self) -> bool:
        return self.left > 0

    def strike(self) -> None:
        self._turns = self._turns or self.rng.sample(sorted(self.restarts), len(self.restarts))
        name = self._turns.pop()
        self.restarts[name]()
        self.left -= 1
        self.counts[name] += 1


class StripeFaults(Trouble):
    """Faults of the stand-in, a few requests each. Some errors are kept, and replayed to every repeat."""

    def __init__(self, estate: Estate, rng: random.Random, *, pause: float) -> None:
        super().__init__(rng, pause=pause)
        self.estate = estate

    def strike(self) -> None:
        # Faults that nobody has met yet are enough: piled up, they would hit every request.
        if len(self.estate.standin.active_faults()) >= MOST_FAULTS:
            return
        kind, options = self.rng.choice(
            [
                ("latency", {**self.rng.choice(ALL), "seconds": self.rng.choice([0.3, 1.0, 3.0])}),
                ("rate_limit", {**self.rng.choice(ALL), "retry_after": self.rng.choice([None, 1])}),
                ("error_before", self._error(ALL, [500, 502, 503])),
                ("error_after", self._error(WRITES, [500, 503])),
                ("lost_request", self.rng.choice(ALL)),
                ("lost_reply", self.rng.choice(ALL)),
            ]
        )
        count = self.rng.randint(1, 4)
        self.estate.standin.faults(kind, count=count, **options)
        self.counts[kind] += count

    def _error(self, targets: tuple[dict[str, str], ...], statuses: list[int]) -> dict[str, Any]:
        stored = self.rng.choice([True, False])
        return {**self.rng.choice(targets), "status": self.rng.choice(statuses), "stored": stored}
