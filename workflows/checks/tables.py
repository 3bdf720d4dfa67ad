"""Which tables there are: a check also runs before the first migration."""

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.models import Model


def has_tables(*models: type[Model]) -> bool:
    """Whether the default database has the tables of all these models."""
    there = set(connections[DEFAULT_DB_ALIAS].introspection.table_names())
    return {model._meta.db_table for model in models} <= there
