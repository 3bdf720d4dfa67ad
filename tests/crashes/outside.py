"""The outside world of a campaign: what really happened there, whatever our rows say."""

from collections import Counter
from collections.abc import Callable
from typing import Any

from stripeflow.actions import errors, registry
from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.inputs import StringInput
from stripeflow.actions.look_up import Found, LookedUp, NotFound


class Outside:
    """Honours idempotency keys for keyed steps, as Stripe does, and acts at every call of the others.

    The step called `late` is refused once with "later", `lost` acts and loses its first answer, and
    `refused` and `broken` never act. `stored` and `kept` have a server error stored under their first key,
    which says nothing: the first one has not acted then, the second one has, and a look-up finds that out.
    `reach` is called before and after each effect.
    """

    def __init__(self, reach: Callable[[str], None]) -> None:
        self.reach = reach
        self.effects: Counter[tuple[str, str]] = Counter()
        self.answers: dict[str, tuple[dict[str, Any], dict[str, Any]]] = {}
        self.keys: dict[tuple[str, str], set[str]] = {}
        self.refused_once: set[str] = set()
        self.faults: list[str] = []

    def keyed(self, inputs: dict[str, Any], context: Any) -> dict[str, Any]:
        key, step = context.idempotency_key, context.step_key
        self.keys.setdefault((context.run_id, step), set()).add(key)
        if step in ("refused", "broken"):
            raise errors.PermanentError("No.", code="refused")
        if step == "late" and key not in self.refused_once:
            self.refused_once.add(key)
            raise errors.TransientError("Later.")
        if step in ("stored", "kept") and key.endswith(":1"):
            if step == "kept" and key not in self.answers:
                self._act(inputs, context)
            raise errors.ReplayedError("A server error, once more.")
        if key in self.answers:
            sent, answer = self.answers[key]
            if sent != inputs:
                self.faults.append(f"{step}: the key came again with other inputs")
            return answer
        self._act(inputs, context)
        if step == "lost":
            raise errors.UnknownOutcome("The answer was lost.")
        return self.answers[key][1]

    def look_up(self, inputs: dict[str, Any], context: Any) -> LookedUp:
        self.reach(f"before the look-up of {context.step_key}")
        if self.effects[context.run_id, context.step_key]:
            return Found({"text": inputs["text"]})
        return NotFound()

    def unkeyed(self, inputs: dict[str, Any], context: Any) -> dict[str, Any]:
        self._act(inputs, context)
        return {"text": inputs["text"]}

    def _act(self, inputs: dict[str, Any], context: Any) -> None:
        self.reach(f"before the effect of {context.step_key}")
        self.effects[context.run_id, context.step_key] += 1
        self.answers[context.idempotency_key] = (dict(inputs), {"text": inputs["text"]})
        self.reach(f"after the effect of {context.step_key}")


class Door:
    """Where the actions of the campaign lead to now."""

    outside: Outside


def register_actions() -> None:
    """Register `test.keyed`, `test.safe` and `test.ask`, which act on `Door.outside`."""
    for repeat in Repeat:
        registry.register(_action(repeat))


def _action(repeat: Repeat) -> type[Action]:
    class Acting(Action):
        key = f"test.{repeat}"
        label = "Act"
        category = "Tests"
        moves_money = False
        destructive = False
        changes_customers = False
        inputs = (StringInput(name="text", label="Text", references=True),)
        outputs = Outputs(fields=(OutputField("text", "Text", "string"),))

        def run(self, inputs: Any, context: Any) -> dict[str, Any]:
            outside = Door.outside
            return (outside.keyed if repeat is Repeat.KEYED else outside.unkeyed)(inputs, context)

        def look_up(self, inputs: Any, context: Any) -> LookedUp:
            return Door.outside.look_up(inputs, context)

    Acting.repeat = repeat
    return Acting
