"""Activates a workflow, accepts an event, does what the queue asks for, and prints what came of it."""

import json
import time

from django.core.management.base import BaseCommand

from actions.models import Action
from stripeflow.triggers import inbox, queue
from stripeflow.workflows.models import Run
from stripeflow.workflows.operations import lifecycle

DOCUMENT = {
    "format": 1,
    "name": "Note payments",
    "description": "",
    "trigger": {
        "type": "stripe_event",
        "event_type": "payment_intent.succeeded",
        "scope": {"mode": "both", "accounts": "all"},
        "conditions": {"match": "all", "conditions": []},
    },
    "steps": [
        {
            "key": "note",
            "type": "action",
            "name": "",
            "action": "shop.note",
            "inputs": {"title": "Paid: {{ trigger.id }}"},
            "on_error": "stop",
        }
    ],
}
EVENT = {
    "id": "evt_1",
    "object": "event",
    "type": "payment_intent.succeeded",
    "livemode": False,
    "data": {"object": {"id": "pi_1", "object": "payment_intent", "amount": 7, "currency": "usd"}},
    "request": None,
}


class Command(BaseCommand):
    def handle(self, *args, **options):
        lifecycle.activate(lifecycle.create(DOCUMENT))
        inbox.accept_stripe({**EVENT, "created": int(time.time())})
        queue.backend().run()
        noted = list(Action.objects.values_list("title", flat=True))
        found = {"status": Run.objects.get().status, "noted": noted, "code": lifecycle.__file__}
        self.stdout.write(json.dumps(found))
