"""Takes events and runs what they start, with and without compiled statements; prints the rows of each."""

import json
import time

import django

django.setup()

from django.core.management import call_command  # noqa: E402
from django.test.utils import override_settings  # noqa: E402

from stripeflow.actions import registry  # noqa: E402
from stripeflow.triggers import inbox, queue  # noqa: E402
from stripeflow.triggers.models import Event  # noqa: E402
from stripeflow.triggers.queue.memory import MemoryBackend  # noqa: E402
from stripeflow.workflows.models import Run, StepRun  # noqa: E402
from stripeflow.workflows.operations import lifecycle  # noqa: E402
from tests.workflows.documents import action, document  # noqa: E402
from tests.workflows.events import payment  # noqa: E402
from tests.workflows.recording import Recorder, recording_action  # noqa: E402

# What no two runs of one workflow have in common.
OWN = {"id", "pk", "event", "run", "version", "workflow", "run_id", "idempotency_key"}
ENVELOPE = {"object": "event", "type": "payment_intent.succeeded", "livemode": False, "request": None}


def rows(model):
    """The rows in any order, without keys; of a time and of a token only whether there is one."""
    found = []
    for row in model.objects.all():
        columns = {field.name: getattr(row, field.attname) for field in model._meta.concrete_fields}
        shown = {
            name: bool(value) if name == "token" or hasattr(value, "year") else value
            for name, value in columns.items()
        }
        own = {name: value for name, value in shown.items() if name not in OWN}
        found.append(json.dumps(own, sort_keys=True, default=str))
    return sorted(found)


def made(*, compiled):
    """The rows that two workflows leave of one event that comes twice."""
    with (
        override_settings(STRIPEFLOW={**django.conf.settings.STRIPEFLOW, "COMPILED_SQL": compiled}),
        queue.temporarily(MemoryBackend()) as messages,
    ):
        event = {"id": "evt_1", "created": created, "data": {"object": payment()}, **ENVELOPE}
        for _copy in range(2):
            inbox.accept_stripe(event, mirror=False)
        messages.run()
    found = {model.__name__: rows(model) for model in (Event, Run, StepRun)}
    for model in (StepRun, Run, Event):
        kept = model._default_manager.all()
        kept._raw_delete(kept.db)
    return found


call_command("migrate", run_syncdb=True, verbosity=0)
with registry.temporarily(recording_action(Recorder())):
    for name in ("One", "Two"):
        lifecycle.activate(
            lifecycle.create(document(action("a", text="a"), action("b", text="b"), name=name))
        )
    # Not before: an event of the time before a workflow was active does not start it.
    created = int(time.time())
    print(json.dumps([made(compiled=True), made(compiled=False)]))
