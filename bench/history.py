"""A large workflow, and the history that it has after months: what the pages are measured on.

The workflow is made through the front door, and so is one run for each way through it; the database copies
those by the hundred thousand, with ids, keys and times of their own.
"""

import json
import time
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

from django.db import connection

from bench import data, rows

# Stands in every id of a pattern's event, and is replaced by the number of the copy.
MARK = "0pattern0"
EVENT_TYPE = "payment_intent.succeeded"
# The steps within each way, and for how many of 10 runs it is taken: few runs go the long ways.
_WAYS = ((1, 3), (2, 3), (3, 2), (9, 1), (15, 1), (18, 0))
STEPS = 2 + sum(length for length, _share in _WAYS)
_OTHERS = 24


@dataclass(frozen=True)
class History:
    """The workflow of 50 steps, with the numbers of what was made."""

    workflow: Any
    runs: int
    step_runs: int


def document(name: str = "Large workflow", *, note: str = "") -> dict[str, Any]:
    """A workflow of 50 steps: a choice by amount among ways of several lengths, and a last step."""
    ways = [_way(number, length, note) for number, (length, _share) in enumerate(_WAYS)]
    last = {"key": "otherwise", "name": "", "otherwise": True, "steps": []}
    choice = {"key": "choice", "type": "branch", "name": "By amount", "branches": [*ways, last]}
    return {
        **data.document(name),
        "trigger": {
            "type": "stripe_event",
            "event_type": EVENT_TYPE,
            "conditions": {"match": "all", "conditions": [_above(0)]},
        },
        "steps": [choice, _action("last", note)],
    }


def build(runs: int) -> History:
    """Make the workflow, others beside it, and so many runs."""
    from stripeflow.workflows.drafts import editing
    from stripeflow.workflows.models import Run, StepRun
    from stripeflow.workflows.operations import lifecycle

    data.activate(matching=0, others=_OTHERS)
    workflow = lifecycle.create(document(note="before"))
    lifecycle.activate(workflow)
    editing.update(workflow, document(), revision=workflow.revision)
    lifecycle.activate(workflow)
    workflow.refresh_from_db()
    _copies(_patterns(), runs)
    editing.update(workflow, document(note="draft"), revision=workflow.revision)
    workflow.refresh_from_db()
    return History(workflow, Run.objects.count(), StepRun.objects.count())


def _way(number: int, length: int, note: str) -> dict[str, Any]:
    within = {"match": "all", "conditions": [_above(number * 1000), _below((number + 1) * 1000)]}
    steps = [_action(f"way_{number}_{step}", note) for step in range(length)]
    return {"key": f"way_{number}", "name": "", "conditions": within, "steps": steps}


def _above(major: int) -> dict[str, Any]:
    return {"field": "trigger.amount", "operator": "greater_or_equal", "value": _usd(major)}


def _below(major: int) -> dict[str, Any]:
    return {"field": "trigger.amount", "operator": "less_than", "value": _usd(major)}


def _usd(major: int) -> dict[str, Any]:
    return {"amount": major * 100, "currency": "usd"}


def _action(key: str, note: str) -> dict[str, Any]:
    return {
        "key": key,
        "type": "action",
        "name": key.replace("_", " ").capitalize(),
        "action": "bench.note",
        "inputs": {
            "url": "https://example.com/hooks/{{ trigger.customer }}",
            "body": note + "{{ trigger.amount | money }} of {{ trigger.customer }} by {{ trigger.id }}",
        },
        "on_error": "stop",
    }


def _patterns() -> list[tuple[Any, int]]:
    """One finished run for each way that is taken, the last of them failed; with their shares of 10 runs."""
    found = [(_run(number), share) for number, (_length, share) in enumerate(_WAYS) if share]
    _made_something(found[0][0])
    _failed(found[-1][0])
    return found


def _run(way: int) -> Any:
    from stripeflow.triggers import inbox
    from stripeflow.workflows.engine.execution import execute
    from stripeflow.workflows.models import Run

    payload = _event(way)
    # As Stripe sends it: with line breaks.
    event = inbox.accept_stripe(payload, raw_body=json.dumps(payload, indent=2), mirror=False).event
    run = Run.objects.get(event=event)
    execute(run.pk)
    run.refresh_from_db()
    return run


def _event(way: int) -> dict[str, Any]:
    from stripeflow.workflows.definition.trigger import TriggerPlan
    from stripeflow.workflows.rehearsal.samples import sample_event

    event = deepcopy(sample_event(TriggerPlan("stripe_event", {"event_type": EVENT_TYPE})))
    event["data"]["object"] |= {
        "amount": way * 100_000 + 500,
        "description": "Order of a customer",
        "metadata": {"order": f"order_{MARK}", "tier": "gold", "campaign": "spring"},
        "shipping": {
            "name": "A. Customer",
            "address": {"city": "Berlin", "country": "DE", "line1": "Street 1"},
        },
    }
    text = json.dumps(event).replace("_sample", f"_{MARK}").replace(f'"evt_{MARK}', f'"evt_{way}{MARK}')
    return {**json.loads(text), "created": int(time.time())}


def _made_something(run: Any) -> None:
    """As if its first step had made an object in Stripe."""
    step = run.steps.filter(kind="action").first()
    step.outputs = {"id": f"re_{MARK}", "object": "refund", **step.outputs}
    step.save()


def _failed(run: Any) -> None:
    error = {"message": "Stripe said no.", "code": "card_declined", "permanent": True}
    step = run.steps.order_by("pk").last()
    type(step).objects.filter(pk=step.pk).update(status="failed", error=error, outputs=None)
    about = {**error, "step": step.step_key, "step_name": step.name}
    type(run).objects.filter(pk=run.pk).update(status="failed", error=about)


def _copies(patterns: list[tuple[Any, int]], runs: int) -> None:
    """Copy the patterns in turns, oldest first, until there are `runs` runs."""
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    sequence = [run for run, share in patterns for _time in range(share)]
    count = runs - len(patterns)
    moment, key = rows.moment(count), rows.UUIDS[connection.vendor]
    lives = dict.fromkeys(("created_at", "started_at", "finished_at"), moment)
    events = dict.fromkeys(("created", "received_at", "matched_at", "match_due_at", "mirror_due_at"), moment)
    of_event = {
        "id": rows.NUMBER,
        **{name: _marked(name) for name in ("external_id", "object_id", "raw_body")},
    }
    of_event |= events
    of_run = {"id": key, "event_id": rows.NUMBER, "object_id": _marked("object_id"), **lives}
    of_step = {
        "id": f"({rows.NUMBER}) * 100 + t.id - {StepRun.objects.earliest('pk').pk}",
        "run_id": key,
        "idempotency_key": "'stripeflow:' || n || ':' || t.path",
        **{name: _marked(name, is_json=True) for name in ("inputs", "outputs")},
        **lives,
        "run_created_at": moment,
    }
    rows.copy(Event, of_event, of=("id", [run.event_id for run in sequence]), last=count)
    rows.copy(Run, of_run, of=("id", [run.pk for run in sequence]), last=count)
    rows.copy(StepRun, of_step, of=("run_id", [run.pk for run in sequence]), last=count)


def _marked(column: str, *, is_json: bool = False) -> str:
    """The column of the pattern, with the number of the copy in its ids."""
    if is_json and connection.vendor == "postgresql":
        return f"replace(t.{column}::text, '{MARK}', n::text)::jsonb"
    return f"replace(t.{column}, '{MARK}', CAST(n AS text))"
