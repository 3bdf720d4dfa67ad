"""Workflows, events and signed requests for the measures; everything follows from the seed."""

import json
import random
import time
import uuid
from collections.abc import Mapping
from typing import Any

import stripe
from django.db import connection
from django.db.models import Model

from bench import ledger, load
from bench.models import BareEvent, BareRun, BareStep

SECRET = "whsec_bench"
ENDPOINT = uuid.UUID("6b0f5f0e-7f0a-4c3e-9a43-0f1f3a7d6c11")
STOCK_ENDPOINT = uuid.UUID("8d2f1f0e-52a4-4b6a-9d0e-63a7b1c2d411")
ACCOUNT = "acct_bench"
# dj-stripe has no handler for it that calls Stripe, which is the kindest case for a stock webhook.
EVENT_TYPE = "radar.early_fraud_warning.created"
FRAUD_TYPE = "made_with_stolen_card"
OTHER_TYPE = "misc"

Steps = list[dict[str, Any]]
_INPUTS = {
    "url": "https://example.com/hooks/{{ trigger.charge }}",
    "body": "Charge {{ trigger.charge }} was reported as {{ trigger.fraud_type }}.",
}

_numbers: random.Random = random.Random()


def seed(number: int) -> None:
    _numbers.seed(number)


def event(created: float | None = None, *, matches: bool = True) -> dict[str, Any]:
    """The envelope of an early fraud warning, about an object of its own."""
    number = f"{_numbers.getrandbits(96):024x}"
    return {
        "id": f"evt_{number}",
        "object": "event",
        "api_version": stripe.api_version,
        "created": int(time.time() if created is None else created),
        "data": {
            "object": {
                "id": f"issfr_{number}",
                "object": "radar.early_fraud_warning",
                "actionable": True,
                "charge": f"ch_{number}",
                "created": int(time.time()),
                "fraud_type": FRAUD_TYPE if matches else OTHER_TYPE,
                "livemode": False,
                "payment_intent": f"pi_{number}",
            }
        },
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": f"req_{number}", "idempotency_key": None},
        "type": EVENT_TYPE,
    }


def requests(path: str, count: int, *, in_vain: int = 0) -> list[bytes]:
    """Signed deliveries of so many new events, and among them of others that no workflow matches."""
    events = [event() for _number in range(count)] + [event(matches=False) for _number in range(in_vain)]
    _numbers.shuffle(events)
    return [signed(path, payload) for payload in events]


def signed(path: str, payload: dict[str, Any]) -> bytes:
    body = json.dumps(payload)
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    return load.request(path, body.encode(), {"Stripe-Signature": header})


def document(name: str, *, matches: bool = True, steps: Steps | None = None) -> dict[str, Any]:
    """A workflow with two conditions and one action; the one that does not match fails the second."""
    wanted = FRAUD_TYPE if matches else OTHER_TYPE
    return {
        "format": 1,
        "name": name,
        "description": "",
        "trigger": {
            "type": "stripe_event",
            "event_type": EVENT_TYPE,
            "conditions": {
                "match": "all",
                "conditions": [
                    {"field": "trigger.actionable", "operator": "is_true"},
                    {"field": "trigger.fraud_type", "operator": "equal", "value": wanted},
                ],
            },
        },
        "steps": [action("note", "bench.note", _INPUTS)] if steps is None else steps,
    }


def action(key: str, kind: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """A step that calls the action `kind`."""
    name = key.replace("_", " ").capitalize()
    return {
        "key": key,
        "type": "action",
        "name": name,
        "action": kind,
        "inputs": dict(inputs),
        "on_error": "stop",
    }


def activate(*, matching: int, others: int = 0, steps: Steps | None = None) -> None:
    """Replace all workflows by these many active ones, with one action or these steps each."""
    from stripeflow.workflows.models import Workflow
    from stripeflow.workflows.operations import lifecycle

    empty()
    Workflow.objects.update(active_version=None)
    Workflow.objects.all().delete()
    for number in range(matching + others):
        name = f"Workflow {number}"
        workflow = lifecycle.create(document(name, matches=number < matching, steps=steps))
        lifecycle.activate(workflow)


def empty() -> None:
    """Remove events, runs, tasks, effects and the baselines' rows, so that every round begins alike."""
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    _delete(StepRun, Run, Event)
    empty_beside()


def empty_beside() -> None:
    """Remove tasks, effects and the baselines' rows."""
    from django.conf import settings
    from django_q.brokers import get_broker
    from django_q.models import OrmQ
    from djstripe.models import Event as MirroredEvent
    from djstripe.models import WebhookEventTrigger

    _delete(OrmQ, BareEvent, BareStep, BareRun, WebhookEventTrigger, MirroredEvent)
    if settings.REDIS_URL:
        get_broker(settings.STRIPEFLOW["QUEUE_CLUSTER"]).delete_queue()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    ledger.clear(settings.BENCH_LEDGER)


def _delete(*models: type[Model]) -> None:
    for model in models:
        rows = model._default_manager.all()
        rows._raw_delete(rows.db)
