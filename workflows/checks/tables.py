"""What checks read of the database. A check also runs before the first migration."""

from collections.abc import Iterator

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model

from stripeflow.workflows.definition.lane import Json
from stripeflow.workflows.models import Workflow, WorkflowVersion

_BATCH = 100


def has_tables(*models: type[Model]) -> bool:
    """Whether the default database has the tables of all these models."""
    there = set(connections[DEFAULT_DB_ALIAS].introspection.table_names())
    return {model._meta.db_table for model in models} <= there


def active_documents() -> Iterator[tuple[str, Json]]:
    """The name and the document of each active workflow, by name; none before there are tables."""
    if not has_tables(Workflow, WorkflowVersion):
        return
    active = Workflow.objects.exclude(active_version=None).order_by("name", "pk")
    yield from active.values_list("name", "active_version__document").iterator(chunk_size=_BATCH)
