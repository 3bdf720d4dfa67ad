"""Workflows, events and signed requests for the measures; everything follows from the seed."""

import json
import random
import time
import uuid
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

_numbers: random.Random = random.Random()


def seed(number: int) -> None:
    _numbers.seed(number)


def event(created: float | None = None) -> dict[str, Any]:
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
                "fraud_type": FRAUD_TYPE,
                "livemode": False,
                "payment_intent": f"pi_{number}",
            }
        },
        "livemode": False,
        "pending_webhooks": 1,
        "request": {"id": f"req_{number}", "idempotency_key": None},
        "type": EVENT_TYPE,
    }


def requests(path: str, count: int) -> list[bytes]:
    """Signed deliveries of so many new events."""
    return [signed(path, event()) for _number in range(count)]


def signed(path: str, payload: dict[str, Any]) -> bytes:
    body = json.dumps(payload)
    header = stripe.WebhookSignature.generate_signature_header(body, SECRET)
    return load.request(path, body.encode(), {"Stripe-Signature": header})


def document(name: str, *, matches: bool = True) -> dict[str, Any]:
    """A workflow with two conditions and one action; the one that does not match fails the second."""
    wanted = FRAUD_TYPE if matches else "misc"
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
        "steps": [
            {
                "key": "note",
                "type": "action",
                "name": "Note the warning",
                "action": "bench.note",
                "inputs": {
                    "url": "https://example.com/hooks/{{ trigger.charge }}",
                    "body": "Charge {{ trigger.charge }} was reported as {{ trigger.fraud_type }}.",
                },
                "on_error": "stop",
            }
        ],
    }


def activate(*, matching: int, others: int = 0) -> None:
    """Replace all workflows by these many active ones."""
    from stripeflow.workflows import lifecycle
    from stripeflow.workflows.models import Workflow

    empty()
    Workflow.objects.update(active_version=None)
    Workflow.objects.all().delete()
    for number in range(matching + others):
        name = f"Workflow {number}"
        workflow = lifecycle.create(document(name, matches=number < matching))
        lifecycle.activate(workflow)


def empty() -> None:
    """Remove events, runs, tasks, effects and the baselines' rows, so that every round begins alike."""
    from django.conf import settings
    from django_q.brokers import get_broker
    from django_q.models import OrmQ
    from djstripe.models import Event as MirroredEvent
    from djstripe.models import WebhookEventTrigger

    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    emptied: tuple[type[Model], ...] = (
        StepRun,
        Run,
        Event,
        OrmQ,
        BareEvent,
        BareStep,
        BareRun,
        WebhookEventTrigger,
        MirroredEvent,
    )
    for model in emptied:
        rows = model._default_manager.all()
        rows._raw_delete(rows.db)
    if settings.REDIS_URL:
        get_broker(settings.STRIPEFLOW["QUEUE_CLUSTER"]).delete_queue()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    ledger.clear(settings.BENCH_LEDGER)
