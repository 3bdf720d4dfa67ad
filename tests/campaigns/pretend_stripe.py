"""The outside for the state machine: it acts, and answers or not, as it is told for each call."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from stripeflow.actions import errors
from stripeflow.actions.look_up import Found, LookedUp, NotFound

# What may become of one call.
OK, LIMITED, IN_FLIGHT, REFUSED = "ok", "429", "409", "refused"
ERROR_BEFORE, ERROR_AFTER, LOST_REPLY = "500 before", "500 after", "lost reply"
KEPT_BEFORE, KEPT_AFTER = "500 before, kept", "500 after, kept"
DIES_BEFORE, DIES_AFTER, SLOW = "dies before the call", "dies after the call", "outlives its lease"
OUTCOMES = (
    *(OK, OK, LIMITED, IN_FLIGHT, REFUSED, ERROR_BEFORE, ERROR_AFTER),
    *(LOST_REPLY, KEPT_BEFORE, KEPT_AFTER, DIES_BEFORE, DIES_AFTER, SLOW),
)
KEYS_ARE_KEPT = timedelta(hours=24)


class Killed(BaseException):
    """The worker's process ends here; like the real end it is nothing to be handled on the way."""


class PretendStripe:
    """Honours idempotency keys for 24 hours of real time, replays errors too, and counts what it did.

    `overtake` is called in the middle of a slow call. `keys` holds the keys that each step came with.
    """

    def __init__(self, now: Callable[[], Any], overtake: Callable[[str], None]) -> None:
        self.now = now
        self.overtake = overtake
        self.plan: list[str] = []
        self.effects: Counter[str] = Counter()
        self.inputs: dict[str, dict[str, Any]] = {}
        self.keys: dict[tuple[str, str], set[str]] = {}
        self.faults: list[str] = []
        self._kept: dict[str, tuple[Any, dict[str, Any] | errors.ActionError]] = {}
        self._in_flight: set[str] = set()

    def keyed(self, inputs: dict[str, Any], context: Any) -> dict[str, Any]:
        """A call that is recognised by its key."""
        key = self._note(inputs, context)
        outcome = self._next()
        if outcome == LIMITED:
            raise errors.TransientError("Too many.", code="rate_limited", retry_after=3)
        if outcome == IN_FLIGHT or key in self._in_flight:
            raise errors.UnknownOutcome("Still at it.", code="in_flight")
        kept = self._kept.get(key)
        if kept is not None and self.now() - kept[0] < KEYS_ARE_KEPT:
            return self._answer(kept[1])
        if outcome == ERROR_BEFORE:
            raise errors.UnknownOutcome("An error.")
        if outcome == KEPT_BEFORE:
            self._keep(key, errors.ReplayedError("The same error again."))
            raise errors.UnknownOutcome("An error.")
        if outcome == REFUSED:
            return self._answer(self._keep(key, errors.PermanentError("No.", code="card_error")))
        return self._act(key, outcome, context, dict(inputs))

    def unkeyed(self, inputs: dict[str, Any], context: Any) -> dict[str, Any]:
        """A call that would happen again, such as an e-mail."""
        key = self._note(inputs, context)
        outcome = self._next()
        if outcome in (LIMITED, IN_FLIGHT):
            raise errors.TransientError("Not now.")
        if outcome == REFUSED:
            raise errors.PermanentError("No.")
        if outcome in (ERROR_BEFORE, KEPT_BEFORE):
            raise errors.UnknownOutcome("An error.")
        return self._act(key, outcome, context, dict(inputs))

    def look_up(self, inputs: dict[str, Any], context: Any) -> LookedUp:
        """Whether a call of this step has had its effect, with whatever key."""
        outcome = self._next()
        if outcome == DIES_AFTER:
            raise Killed
        if outcome == REFUSED:
            raise errors.PermanentError("No.")
        if outcome not in (OK, SLOW):
            raise errors.TransientError("Not now.")
        return Found(dict(inputs)) if self.acted(context.run_id, context.step_key) else NotFound()

    def acted(self, run_id: str, step: str) -> int:
        """How often the step has had its effect."""
        return sum(self.effects[key] for key in self.keys.get((run_id, step), ()))

    def reading(self, inputs: dict[str, Any], _context: Any) -> dict[str, Any]:
        """A call that changes nothing."""
        outcome = self._next()
        if outcome == REFUSED:
            raise errors.PermanentError("No.")
        if outcome == DIES_AFTER:
            raise Killed
        if outcome not in (OK, SLOW):
            raise errors.TransientError("Not now.")
        return dict(inputs)

    def _next(self) -> str:
        outcome = self.plan.pop(0) if self.plan else OK
        if outcome == DIES_BEFORE:
            raise Killed
        return outcome

    def _note(self, inputs: dict[str, Any], context: Any) -> str:
        key = context.idempotency_key
        self.keys.setdefault((context.run_id, context.step_key), set()).add(key)
        if self.inputs.setdefault(key, dict(inputs)) != inputs:
            self.faults.append(f"{key} came again with other inputs")
        return key

    def _act(self, key: str, outcome: str, context: Any, answer: dict[str, Any]) -> dict[str, Any]:
        self.effects[key] += 1
        self._keep(key, answer)
        if outcome == DIES_AFTER:
            raise Killed
        if outcome == SLOW:
            self._in_flight.add(key)
            self.overtake(context.run_id)
            self._in_flight.discard(key)
        if outcome == KEPT_AFTER:
            self._keep(key, errors.ReplayedError("The same error again."))
        if outcome in (LOST_REPLY, ERROR_AFTER, KEPT_AFTER):
            raise errors.UnknownOutcome("No answer.")
        return answer

    def _keep(self, key: str, result: Any) -> Any:
        self._kept[key] = (self.now(), result)
        return result

    def _answer(self, result: dict[str, Any] | errors.ActionError) -> dict[str, Any]:
        if isinstance(result, errors.ActionError):
            raise result
        return result
