"""Stripe's side of the webhook: shuffled copies, several at once, again and again until each has its 200."""

import heapq
import http.client
import random
import threading
import time
from collections import Counter
from collections.abc import Sequence
from urllib.parse import urlsplit

from stripeflow_site.standin.delivery import signature_header
from tests.campaigns.cases import Case

SENDERS = 8
TIMEOUT_SECONDS = 30.0
AGAIN_SECONDS = 1.0
COPIES = (1, 5)


class Senders:
    """Delivers each case one to five times within `seconds`, in any order."""

    def __init__(
        self, url: str, secret: str, cases: Sequence[Case], *, seconds: float, rng: random.Random
    ) -> None:
        self.acknowledged: set[str] = set()
        self.answers: Counter[str] = Counter()
        self._target = urlsplit(url)
        self._secret = secret
        self._changed = threading.Condition()
        self._over = False
        copies = [case for case in cases for _ in range(rng.randint(*COPIES))]
        rng.shuffle(copies)
        self.deliveries = self.open = len(copies)
        # (due, number, case): the number keeps cases from being compared. `start` adds its time.
        self._due = [(seconds * rng.random(), number, case) for number, case in enumerate(copies)]
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(SENDERS)]

    def start(self) -> None:
        """Begin now."""
        now = time.monotonic()
        self._due = [(now + due, number, case) for due, number, case in self._due]
        heapq.heapify(self._due)
        for thread in self._threads:
            thread.start()

    def wait(self, seconds: float) -> bool:
        """Until each copy was acknowledged, or the time is up."""
        with self._changed:
            return self._changed.wait_for(lambda: not self.open, timeout=seconds)

    def stop(self) -> None:
        """Give up what is not acknowledged."""
        with self._changed:
            self._over = True
            self._changed.notify_all()
        for thread in self._threads:
            thread.join()

    def _work(self) -> None:
        connection = None
        while (taken := self._next()) is not None:
            _due, number, case = taken
            connection = connection or http.client.HTTPConnection(
                self._target.netloc, timeout=TIMEOUT_SECONDS
            )
            try:
                answer = str(self._send(connection, case.body))
            except (OSError, http.client.HTTPException) as error:
                answer = type(error).__name__
            if answer != "200":
                connection.close()
                connection = None
            self._settle(number, case, answer)

    def _next(self) -> tuple[float, int, Case] | None:
        with self._changed:
            while not self._over and self.open:
                pause = self._due[0][0] - time.monotonic() if self._due else None
                if pause is not None and pause <= 0:
                    return heapq.heappop(self._due)
                self._changed.wait(pause)
        return None

    def _send(self, connection: http.client.HTTPConnection, body: bytes) -> int:
        signature = signature_header(body, timestamp=int(time.time()), secrets=(self._secret,))
        headers = {"Content-Type": "application/json", "Stripe-Signature": signature}
        connection.request("POST", self._target.path, body=body, headers=headers)
        response = connection.getresponse()
        response.read()
        return response.status

    def _settle(self, number: int, case: Case, answer: str) -> None:
        with self._changed:
            self.answers[answer] += 1
            if answer == "200":
                self.acknowledged.add(case.event_id)
                self.open -= 1
            else:
                heapq.heappush(self._due, (time.monotonic() + AGAIN_SECONDS, number, case))
            self._changed.notify_all()
