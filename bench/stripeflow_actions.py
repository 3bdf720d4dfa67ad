"""Actions with the inputs of an HTTP call, whose effect is one line in the ledger."""

import threading
from collections.abc import Mapping
from typing import Any, cast

import requests
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


@register
class Call(Note):
    """A real call to a server that may be slow, over a connection that its thread keeps open.

    Stripe's SDK makes its calls in the same way, with the same library.
    """

    key = "bench.call"
    label = "Call"

    def run(self, inputs: Mapping[str, Any], context: ActionContext) -> dict[str, Any]:
        headers = {"Idempotency-Key": context.idempotency_key, "X-Event": context.event_id}
        answer = _kept_session().post(inputs["url"], data=inputs["body"], headers=headers, timeout=60)
        answer.raise_for_status()
        return {"status": answer.status_code, "body": answer.text}


def _kept_session() -> requests.Session:
    if not hasattr(_kept, "session"):
        _kept.session = requests.Session()
        _kept.session.trust_env = False
    return cast(requests.Session, _kept.session)


_kept = threading.local()
