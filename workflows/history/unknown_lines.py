"""An unknown outcome for a terminal: what was to happen, where to look it up, and how to say it."""

import json
from collections.abc import Iterator
from urllib.parse import urljoin

from stripeflow.actions import registry
from stripeflow.workflows import conf
from stripeflow.workflows.display.admin_links import run_url
from stripeflow.workflows.history.page import RunPage
from stripeflow.workflows.history.unknown import Unknown, unknown_of
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.operations.resolving import mark_of
from stripeflow.workflows.operations.verbs import Outcome

_SAFE = "sends the same call with the same key, and has no second effect"
_NOT_SAFE = "may have a second effect, if the first call had one"


def unknown_lines(run: Run) -> Iterator[str]:
    """The lines for a run whose outcome is unknown; the first one begins with its ID:REVISION.

    Secret inputs are masked. Who may use the command line may read the payloads too.
    """
    page = RunPage(run, payloads=True)
    unknown = unknown_of(page)
    if unknown is None:
        return
    yield f"{mark_of(run)}  {run.workflow.name} ({run.version}), {run.event.external_id}"
    record = page.records[unknown.card.key][-1]
    yield from (f"  {label:<9}{text}" for label, text in _facts(run, unknown, record) if text)
    outcomes = "|".join(Outcome.values)
    yield f"  Say it   stripeflow_run resolve {mark_of(run)} --outcome {outcomes}"


def _facts(run: Run, unknown: Unknown, record: StepRun) -> Iterator[tuple[str, str]]:
    card, latest = unknown.card, unknown.latest
    yield "Step", f"{card.title} ({card.label})"
    yield "Begun", f"{latest.started_at.isoformat(timespec='seconds')}, attempt {latest.attempts}"
    yield "Because", str((latest.error or {}).get("message", ""))
    yield "Sent", _sent(record)
    yield "Key", latest.idempotency_key
    for link in unknown.links:
        yield "Look at", link.url
    yield "Page", urljoin(conf.get("BASE_URL").rstrip("/") + "/", run_url(run)) if run_url(run) else ""
    yield "Again", _SAFE if unknown.safe else _NOT_SAFE


def _sent(record: StepRun) -> str:
    action = registry.find(record.action)
    return json.dumps(action.masked(record.inputs), ensure_ascii=True) if action and record.inputs else ""
