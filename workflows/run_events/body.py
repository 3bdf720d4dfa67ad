"""What is sent of an event of a run: ids, names, states and times. No values of payloads, and no secrets."""

import json
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin
from uuid import UUID

from django.urls import NoReverseMatch, reverse

from stripeflow.workflows import conf
from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.definition.titles import title_in
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.models import Approval, Run, StepRun, failures
from stripeflow.workflows.models.destination import message_id

# Longer sentences are cut, so that no body comes near the 20 kB that the specification allows.
MOST_CHARACTERS = 500


def body_of(pk: UUID, type_: str, at: datetime, data: Json) -> str:
    """The exact text that is sent."""
    shape = {"id": message_id(pk), "type": type_, "timestamp": _time(at), "data": data}
    return json.dumps(shape, separators=(",", ":"))


def facts_of(run: Run, **more: Json) -> Json:
    """What is told of a run as its row says, and `more`."""
    return {
        "run": {
            "id": str(run.pk),
            "status": run.status,
            "held_reason": run.held_reason or None,
            "object_id": run.object_id or None,
            "created_at": _time(run.created_at),
            "started_at": _time(run.started_at),
            "finished_at": _time(run.finished_at),
        },
        "workflow": {"id": run.workflow_id, "name": run.workflow.name, "version": run.version.number},
        "event": {"id": run.event.external_id, "type": run.event.type},
        "mode": "live" if run.livemode else "test",
        "account": run.account or None,
        "error": _error(run),
        "links": {"admin": _absolute(run_url(run)), "api": _absolute(_api_path(run))},
        **more,
    }


def wait_facts(run: Run, step: StepRun) -> Json:
    """What is told of a wait."""
    return {"step": _title(run, step.step_key, step.name), "until": _time(step.due_at)}


def approval_facts(approval: Approval) -> Json:
    """What is told of an approval: not what would happen, which holds values."""
    run = approval.run
    return {
        "id": approval.pk,
        "step": _title(run, approval.step_key, ""),
        "needed": approval.needed,
        "due_at": _time(approval.due_at),
    }


def _error(run: Run) -> Json | None:
    error = run.error
    if not error:
        return None
    step = error.get("step", "")
    return {
        "code": error.get("code"),
        "message": failures.sentence(error, payloads=False)[:MOST_CHARACTERS],
        "step": _title(run, step, error.get("step_name") or "") if step else None,
    }


def _title(run: Run, key: str, name: str) -> str:
    return str(name or title_in(run.version.document, key))[:MOST_CHARACTERS]


def _api_path(run: Run) -> str:
    """The run's address in the API, or "" in a project that does not mount it."""
    try:
        return reverse("stripeflow_api:run", args=[run.pk])
    except NoReverseMatch:
        return ""


def _absolute(path: str) -> str | None:
    return urljoin(conf.get("BASE_URL").rstrip("/") + "/", path) if path else None


def _time(at: datetime | None) -> Any:  # noqa: ANN401  a text or None
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if at else None
