"""Watches every change of a state on its way to the database, and what is recorded afterwards."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import connection

from stripeflow.workflows.models import LoopItem, Run, StepRun, Workflow
from stripeflow.workflows.states import ItemStatus, RunStatus, StepStatus, WorkflowStatus

STATES = {Run: RunStatus, StepRun: StepStatus, Workflow: WorkflowStatus, LoopItem: ItemStatus}
# What emptying an old run may take away.
PRUNED = ("inputs", "outputs", "error", "explanation")


class Transitions:
    """The changes that the table of states does not have, however they were written."""

    def __init__(self) -> None:
        self.forbidden: list[str] = []
        self.count = 0

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Look at each UPDATE of a status in this block."""
        with connection.execute_wrapper(self._execute):
            yield

    def _execute(self, execute: Any, sql: str, *rest: Any) -> Any:
        model = next((model for model in STATES if sql.startswith(f'UPDATE "{model._meta.db_table}" ')), None)
        if model is None or '"status"' not in sql:
            return execute(sql, *rest)
        before = _states(model)
        result = execute(sql, *rest)
        self._judge(STATES[model], before, _states(model))
        return result

    def _judge(self, states: Any, before: dict[Any, str], after: dict[Any, str]) -> None:
        for pk, new in after.items():
            old = before[pk]
            if old == new:
                continue
            self.count += 1
            if not states(old).may_become(states(new)):
                self.forbidden.append(f"{states.__name__} {pk}: {old} became {new}")


def _states(model: Any) -> dict[Any, str]:
    return dict(model.objects.order_by().values_list("pk", "status"))


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
