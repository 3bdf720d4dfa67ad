"""Loads a run for a walk: the run, its event and its workflow, in one statement that is compiled once.

Only the columns that the engine uses are read. Other columns are deferred. On PostgreSQL, runs that several
threads load at the same moment are loaded by one statement.
"""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Model, Q

from stripeflow.triggers.models import BODY, Event
from stripeflow.triggers.sql import ALONE, Alone, OneOf, SharedCommit, Slot, Statement
from stripeflow.workflows import lending
from stripeflow.workflows.engine import batches
from stripeflow.workflows.models import (
    AccountPause,
    Activation,
    Deauthorization,
    EventDestination,
    Run,
    Workflow,
)

_RUN = (
    "id",
    "workflow_id",
    "version_id",
    "event_id",
    "status",
    "object_id",
    "livemode",
    "account",
    "depth",
    "claims",
    "created_at",
)
_EVENT = (
    *("id", "source", "external_id", "type", "created", "livemode", "account", "object_id"),
    "request_idempotency_key",
    *BODY,
)
_WORKFLOW = ("id", "name", "paused_at", "refund_caps")


def loaded(run_id: UUID) -> Run:
    """The run with its event and workflow. Raises `Run.DoesNotExist`."""
    return _together.write(run_id) if batches.are_possible() else _one(run_id)


def _one(run_id: UUID) -> Run:
    for row in _LOAD.rows(pk=run_id):
        return _run(row)
    raise Run.DoesNotExist(run_id)


def _several(run_ids: Sequence[UUID]) -> list[Run | Alone]:
    found = {run.pk: run for run in map(_run, _LOAD_SEVERAL.rows(run_ids=run_ids))}
    return [found.get(run_id, ALONE) for run_id in run_ids]


# Nothing is written: what is shared is a query, which begins after each of them has asked for its run.
_together: SharedCommit[UUID, Run] = SharedCommit(
    _one, together=_several, order=lambda run_id: run_id, before_waiting=lending.give_back
)


def _run(row: Sequence[Any]) -> Run:
    values = iter(row)
    run: Run = _instance(Run, _RUN, values)
    run.event = _instance(Event, _EVENT, values)
    run.workflow = _instance(Workflow, _WORKFLOW, values)
    run.is_account_paused, run.is_deauthorized, run.is_listened_to, run.is_sent = values
    return run


def _query(which: Any) -> Any:  # noqa: ANN401  a condition
    beside = [f"event__{name}" for name in _EVENT] + [f"workflow__{name}" for name in _WORKFLOW]
    held_by = (Exists(AccountPause.objects.holding()), Exists(Deauthorization.objects.holding()))
    told = [
        Exists(rows.order_by()) for rows in (Activation.objects.on_ends(), EventDestination.objects.enabled())
    ]
    return Run.objects.filter(which).values_list(*_RUN, *beside, *held_by, *told)


_LOAD = Statement(lambda: _query(Q(pk=Slot(Run, "pk"))))
_LOAD_SEVERAL = Statement(lambda: _query(OneOf(Run, "run_ids")))


def _instance(model: type[Model], names: tuple[str, ...], values: Iterator[Any]) -> Any:
    return model.from_db(connection.alias, names, list(islice(values, len(names))))
