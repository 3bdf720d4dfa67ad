"""A recording action for tests of the engine: it does what the test tells it to, and notes each call."""

import threading
from collections.abc import Callable
from typing import Any

from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.inputs import StringInput


class Recorder:
    """What was called, and what the next calls shall do."""

    def __init__(self) -> None:
        self.calls: list[tuple[dict[str, Any], Any]] = []
        self.plans: list[Callable[[], dict[str, Any]] | Exception] = []

    def then(self, *plans: Callable[[], dict[str, Any]] | Exception) -> None:
        """Each plan serves one call: an exception is raised, a function is called."""
        self.plans.extend(plans)

    def __call__(self, inputs: Any, context: Any) -> dict[str, Any]:
        self.calls.append((dict(inputs), context))
        plan = self.plans.pop(0) if self.plans else dict
        if isinstance(plan, Exception):
            raise plan
        return {"text": inputs["text"], **plan()}

    @property
    def texts(self) -> list[Any]:
        return [inputs["text"] for inputs, _context in self.calls]

    @property
    def keys(self) -> list[str]:
        return [context.idempotency_key for _inputs, context in self.calls]


def recording_action(
    recorder: Recorder, *, key: str = "test.record", repeat: Repeat = Repeat.KEYED
) -> type[Action]:
    """A class of action that calls `recorder`; its outputs are its text and what the plan adds."""

    class Recording(Action):
        label = "Record"
        category = "Tests"
        moves_money = False
        destructive = False
        changes_customers = False
        inputs = (StringInput(name="text", label="Text", references=True),)
        outputs = Outputs(fields=(OutputField("text", "Text", "string"),))

        def run(self, inputs: Any, context: Any) -> dict[str, Any]:
            return recorder(inputs, context)

    Recording.key = key
    Recording.repeat = repeat
    return Recording


def reserving_action(recorder: Recorder, together: threading.Barrier) -> type[Action]:
    """An action `test.money` that takes 1.00 USD from the daily limits once all calls are `together`."""

    def move(_self: Any, _inputs: Any, context: Any) -> dict[str, Any]:
        together.wait()
        context.reserve(amount=100, currency="usd")
        return {"text": "moved"}

    kind = recording_action(recorder, key="test.money")
    kind.moves_money = True
    kind.run = move
    return kind
