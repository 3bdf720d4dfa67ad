"""Collects the evidence of a chaos campaign: our rows, the stand-in's ledger, and the e-mails."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stripeflow.actions import registry
from stripeflow.triggers.models import Event
from stripeflow.workflows.models import Run, StepRun
from stripeflow.workflows.states import RunStatus
from stripeflow_site.local.mails import mails_in
from tests.campaigns.cases import MAIL_STEP
from tests.campaigns.invariants import Evidence, RunRow, StepRow


def collect(*, acknowledged: Iterable[str], ledger: Path, mail_folder: Path, deaths: int) -> Evidence:
    """What there is now."""
    runs = Run.objects.values_list("pk", "workflow__name", "event__external_id", "status")
    return Evidence(
        acknowledged=frozenset(acknowledged),
        events=tuple(
            (event_id, matched_at is not None)
            for event_id, matched_at in Event.objects.values_list("external_id", "matched_at")
        ),
        runs=tuple(RunRow(str(pk), name, event_id, status) for pk, name, event_id, status in runs),
        steps=tuple(_steps()),
        effects=tuple(effects_in(map(json.loads, ledger.read_text().splitlines()))),
        mails=tuple(mail.run for mail in mails_in(mail_folder) if mail.step == MAIL_STEP),
        deaths=deaths,
    )


def unfinished() -> int:
    """How many runs and events still wait for something that comes by itself."""
    waiting = [RunStatus.QUEUED, RunStatus.RUNNING, RunStatus.WAITING]
    return Run.objects.filter(status__in=waiting).count() + Event.objects.filter(matched_at=None).count()


def effects_in(entries: Iterable[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """The (event's id, mark) of each effect that our calls had, from the lines of a ledger."""
    entries = list(entries)
    sent = {entry["request_id"]: entry["params"] for entry in entries if entry["kind"] == "request"}
    for entry in entries:
        if entry["kind"] != "effect" or entry["via"] != "api":
            continue
        metadata = sent[entry["request_id"]]["metadata"]
        if entry["effect"] == "refund.created":
            yield metadata["event"], "refund"
        else:
            yield from ((event_id, mark) for mark, event_id in metadata.items())


def _steps() -> Iterator[StepRow]:
    rows = StepRun.objects.filter(kind="action").values_list("run_id", "path", "action", "status")
    for run_id, path, key, status in rows:
        yield StepRow(str(run_id), path, str(registry.get(key).repeat), status)
