"""An action with the inputs of an HTTP call, whose effect is one line in the ledger."""

from collections.abc import Mapping
from typing import Any

from django.conf import settings

from bench import ledger
from stripeflow.actions.base import Action, OutputField, Outputs, Repeat
from stripeflow.actions.context import ActionContext
from stripeflow.actions.inputs import StringInput, TextInput
from stripeflow.actions.registry import register


@register
class Note(Action):
    key = "bench.note"
    label = "Note"
    category = "Benchmarks"
    inputs = (
        StringInput(name="url", label="URL", required=True, references=True),
        TextInput(name="body", label="Body", references=True),
    )
    outputs = Outputs(fields=(OutputField("status", "Status", "integer"),))
    repeat = Repeat.KEYED
    moves_money = False
    destructive = False
    changes_customers = False

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict[str, Any]:
        ledger.note(settings.BENCH_LEDGER, f"{context.idempotency_key} {context.event_id}")
        return {"status": 200, "body": inputs["body"]}
