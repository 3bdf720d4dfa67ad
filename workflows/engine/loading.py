"""Loads a run for a walk: the run, its event and its workflow, in one statement that is compiled once.

Only the columns that the engine uses are read. Other columns are deferred.
"""

from collections.abc import Iterator
from itertools import islice
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Exists, Model

from stripeflow.triggers.models import BODY, Event
from stripeflow.triggers.sql import Slot, Statement
from stripeflow.workflows.models import AccountPause, Deauthorization, Run, Workflow

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
    *BODY,
)
_WORKFLOW = ("id", "name", "paused_at", "refund_caps")


def loaded(run_id: UUID) -> Run:
    """The run with its event and workflow. Raises `Run.DoesNotExist`."""
    for row in _LOAD.rows(pk=run_id):
        values = iter(row)
        run = _instance(Run, _RUN, values)
        run.event = _instance(Event, _EVENT, values)
        run.workflow = _instance(Workflow, _WORKFLOW, values)
        run.is_account_paused, run.is_deauthorized = values
        return run
    raise Run.DoesNotExist(run_id)


def _query() -> Any:
    beside = [f"event__{name}" for name in _EVENT] + [f"workflow__{name}" for name in _WORKFLOW]
    held_by = (Exists(AccountPause.objects.holding()), Exists(Deauthorization.objects.holding()))
    return Run.objects.filter(pk=Slot(Run, "pk")).values_list(*_RUN, *beside, *held_by)


_LOAD = Statement(_query)


def _instance(model: type[Model], names: tuple[str, ...], values: Iterator[Any]) -> Any:
    return model.from_db(connection.alias, names, list(islice(values, len(names))))
