"""Collects the evidence of a chaos campaign: our rows, the stand-in's ledger, and the e-mails."""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from stripeflow.actions import registry
from stripeflow.triggers.models import Event
from stripeflow.workflows.models import Approval, LoopItem, Run, StepRun
from stripeflow.workflows.states import RunStatus
from stripeflow_site.local.mails import mails_in
from tests.campaigns.cases import MAIL_STEP
from tests.campaigns.invariants import Evidence, RunRow, StepRow


def collect(*, acknowledged: Iterable[str], ledger: Path, mail_folder: Path, deaths: int) -> Evidence:
    """What there is now."""
    origins = _Origins()
    return Evidence(
        acknowledged=frozenset(acknowledged),
        events=tuple(
            (event.external_id, event.matched_at is not None)
            for event in Event.objects.all()
            if not origins.is_caused(event)
        ),
        runs=tuple(
            RunRow(str(run.pk), run.workflow.name, origins.of(run.event), run.status)
            for run in Run.objects.select_related("workflow", "event")
        ),
        steps=tuple(_steps()),
        effects=tuple(effects_in(map(json.loads, ledger.read_text().splitlines()))),
        mails=tuple(mail.run for mail in mails_in(mail_folder) if mail.step == MAIL_STEP),
        deaths=deaths,
        items=tuple(
            (origins.of(item.loop.run.event), f"{item.object_id} {item.status}")
            for item in LoopItem.objects.select_related("loop__run__event")
        ),
        decisions=tuple(
            (origins.of(one.run.event), f"{one.status} {one.decisions.count()}")
            for one in Approval.objects.select_related("run__event")
        ),
    )


class _Origins:
    """Which event from outside has caused an event, by the call of the run that it has started."""

    def __init__(self) -> None:
        rows = StepRun.objects.exclude(idempotency_key="")
        self._calls = dict(rows.values_list("idempotency_key", "run__event__external_id"))

    def is_caused(self, event: Event) -> bool:
        return event.request_idempotency_key in self._calls

    def of(self, event: Event) -> str:
        """The ID of that event, or of this one."""
        return self._calls.get(event.request_idempotency_key, event.external_id)


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
            for mark, value in metadata.items():
                event_id, _, what = value.partition(" ")
                yield event_id, f"{mark} {what}".strip()


def _steps() -> Iterator[StepRow]:
    rows = StepRun.objects.filter(kind="action").values_list("run_id", "path", "action", "status")
    for run_id, path, key, status in rows:
        yield StepRow(str(run_id), path, str(registry.get(key).repeat), status)
