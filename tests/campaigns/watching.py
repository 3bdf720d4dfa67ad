"""Watches every change of a state on its way to the database, and what is recorded afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db.models import QuerySet

from workflows.models import Run, StepRun, Workflow
from workflows.states import RunStatus, StepStatus, WorkflowStatus

STATES = {Run: RunStatus, StepRun: StepStatus, Workflow: WorkflowStatus}
# What emptying an old run may take away.
PRUNED = ("inputs", "outputs", "error", "explanation")


class Transitions:
    """The changes that the table of states does not have."""

    def __init__(self) -> None:
        self.forbidden: list[str] = []
        self.count = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at each `update` of a status in this block."""
        update = QuerySet.update

        def watching(queryset: QuerySet[Any], **columns: Any) -> int:
            states = STATES.get(queryset.model)
            if states is None or "status" not in columns:
                return update(queryset, **columns)
            before = list(queryset.order_by().values_list("pk", "status"))
            changed = update(queryset, **columns)
            self._judge(states, before, columns["status"])
            return changed

        with mock.patch.object(QuerySet, "update", watching):
            yield

    def _judge(self, states: Any, before: list[tuple[Any, str]], status: str) -> None:
        new = states(status)
        for pk, old in before:
            self.count += 1
            if not states(old).may_become(new):
                self.forbidden.append(f"{states.__name__} {pk}: {old} became {new}")


class Memory:
    """The outcomes that were recorded once; they may never change, but for what emptying takes away."""

    def __init__(self) -> None:
        self._seen: dict[int, dict[str, Any]] = {}
        self.changed: list[str] = []

    def look(self) -> None:
        """Compare what is recorded with what was."""
        recorded = [status for status in StepStatus if status.is_recorded]
        columns = ("pk", "path", "group", "status", "branch_key", "finished_at", "idempotency_key", *PRUNED)
        rows = StepRun.objects.filter(status__in=recorded).values(*columns, "run__pruned_at")
        now = {row["pk"]: row for row in rows}
        for pk, old in self._seen.items():
            if _kept(old, now.get(pk)) != _kept(now.get(pk), now.get(pk)):
                self.changed.append(f"{old} became {now.get(pk)}")
        self._seen |= now


def _kept(row: dict[str, Any] | None, latest: dict[str, Any] | None) -> dict[str, Any]:
    """What must still be the same in the latest reading."""
    emptied = bool(latest and latest["run__pruned_at"])
    gone = {"run__pruned_at", *(PRUNED if emptied else ())}
    return {name: value for name, value in (row or {}).items() if name not in gone}
