"""Idempotency keys as Stripe's API v1 treats them.

The first executed result of a key is kept, 500s too, and replayed for the same endpoint and
parameters; other parameters are refused with 400, a key in flight with 409, and a key is forgotten
24 hours after its first use on the stand-in's clock.
"""

import hashlib
import json
import threading
from dataclasses import dataclass
from typing import Any

from stripeflow_site.standin.clock import Clock
from stripeflow_site.standin.errors import ApiFailure
from stripeflow_site.standin.store import Scope

KEPT_SECONDS = 24 * 3600
LONGEST_KEY = 255


@dataclass(frozen=True)
class Result:
    """A stored reply and the request that made it."""

    status: int
    body: bytes
    request_id: str


@dataclass
class _Entry:
    endpoint: str
    fingerprint: str
    begun: float
    result: Result | None = None


class IdempotencyKeys:
    """The keys in use, per account and mode."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._entries: dict[tuple[Scope, str], _Entry] = {}

    def begin(self, scope: Scope, key: str, *, method: str, path: str, params: Any) -> Result | None:  # noqa: ANN401
        """Claim the key (None), or give the result to replay.

        Raises ApiFailure: 400 for a key that is too long or was used with another endpoint or other
        parameters, 409 while its first request is in flight.
        """
        if len(key) > LONGEST_KEY:
            raise _refused(f"Idempotency keys are at most {LONGEST_KEY} characters long.")
        endpoint, fingerprint = f"{method} {path}", _fingerprint(params)
        with self._lock:
            entry = self._entries.get((scope, key))
            if entry is None or self._forgotten(entry):
                self._entries[scope, key] = _Entry(endpoint, fingerprint, self._clock.now())
                return None
            _check(entry, key, endpoint, fingerprint)
            return entry.result

    def finish(self, scope: Scope, key: str, result: Result) -> None:
        """Keep the result of the request that claimed the key."""
        with self._lock:
            self._entries[scope, key].result = result

    def release(self, scope: Scope, key: str) -> None:
        """Give the claim up: nothing was executed, or nothing of it is to be kept."""
        with self._lock:
            self._entries.pop((scope, key), None)

    def clear(self) -> None:
        """Forget all."""
        with self._lock:
            self._entries.clear()

    def _forgotten(self, entry: _Entry) -> bool:
        return entry.result is not None and self._clock.now() - entry.begun >= KEPT_SECONDS


def _fingerprint(params: Any) -> str:  # noqa: ANN401 - decoded parameters
    return hashlib.sha256(json.dumps(params, sort_keys=True).encode()).hexdigest()


def _check(entry: _Entry, key: str, endpoint: str, fingerprint: str) -> None:
    if entry.endpoint != endpoint:
        used, now = entry.endpoint.partition(" ")[2], endpoint.partition(" ")[2]
        raise _refused(
            "Keys for idempotent requests can only be used for the same endpoint they were first used for "
            f"('{now}' vs '{used}'). Try using a key other than '{key}' if you meant to execute a "
            "different request."
        )
    if entry.fingerprint != fingerprint:
        raise _refused(
            "Keys for idempotent requests can only be used with the same parameters they were first used "
            f"with. Try using a key other than '{key}' if you meant to execute a different request."
        )
    if entry.result is None:
        raise ApiFailure(
            409,
            "There is currently another in-progress request using this Idempotent Key (that probably means "
            f"you submitted twice, and the other request is still going through): {key}. Please try again "
            "later.",
            type="idempotency_error",
            code="idempotency_key_in_use",
            stored=False,
        )


def _refused(message: str) -> ApiFailure:
    return ApiFailure(400, message, type="idempotency_error", stored=False)
