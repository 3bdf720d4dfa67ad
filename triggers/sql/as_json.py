"""Rows and values as one JSON parameter, which PostgreSQL reads as records of a table."""

import json
from collections.abc import Sequence

from django.db import connection, models

from stripeflow.triggers.sql.inserts import written
from stripeflow.triggers.sql.statement import field_of


def as_json(rows: Sequence[models.Model]) -> str:
    """The rows as one parameter. PostgreSQL reads each text as a value of its column's type."""
    fields = [(str(field.column), field) for field in written(type(rows[0]))]
    values = [
        {column: field.get_prep_value(field.pre_save(row, True)) for column, field in fields} for row in rows
    ]
    return json.dumps(values, default=str)


def read_as(model: type[models.Model]) -> str:
    """The records of one parameter, as rows of the model's table."""
    return f"json_populate_recordset(NULL::{table_of(model)}, %s::json)"


def all_columns(model: type[models.Model]) -> list[str]:
    return [quoted(str(field.column)) for field in written(model)]


def columns_of(model: type[models.Model], names: Sequence[str]) -> list[str]:
    return [quoted(str(field_of(model, name).column)) for name in names]


def table_of(model: type[models.Model]) -> str:
    return quoted(model._meta.db_table)


def quoted(name: str) -> str:
    return connection.ops.quote_name(name)
