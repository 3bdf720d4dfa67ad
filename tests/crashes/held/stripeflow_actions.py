"""One action for each repeat policy. Its effect is a line in a file, and then it waits for the gate.

The wait is bounded, and ends when the process is asked to end, as a call under way would within its timeout.
"""

import json
import os
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.registry import register
from stripeflow.workflows.liveness import termination

MOST_SECONDS = 30.0


def folder() -> Path:
    return Path(settings.VAR_DIR)


def gate() -> Path:
    """While this file is missing, calls wait."""
    return folder() / "gate"


def note(kind: str, context: Any) -> None:
    """Append a line, whole or not at all, that outlives the process."""
    named = {"run": context.run_id, "step": context.step_key, "key": context.idempotency_key}
    line = json.dumps({"what": kind, **named})
    descriptor = os.open(folder() / "calls", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
    try:
        os.write(descriptor, f"{line}\n".encode())
    finally:
        os.close(descriptor)


class Held(Action):
    category = "Tests"
    moves_money = False
    destructive = False
    changes_customers = False
    inputs = (StringInput(name="text", label="Text", references=True),)
    outputs = Outputs(fields=(OutputField("text", "Text", "string"),))

    def run(self, inputs: Any, context: Any) -> dict[str, Any]:
        note("begun", context)
        deadline = time.monotonic() + MOST_SECONDS
        while not (gate().exists() or termination.is_asked() or time.monotonic() > deadline):
            time.sleep(0.02)
        note("ended", context)
        return {"text": inputs["text"]}


@register
class HeldKeyed(Held):
    key, label, repeat = "held.keyed", "Hold a call with a key", Repeat.KEYED


@register
class HeldSafe(Held):
    key, label, repeat = "held.safe", "Hold a read", Repeat.SAFE


@register
class HeldAsk(Held):
    key, label, repeat = "held.ask", "Hold a call that nothing recognizes", Repeat.ASK
