"""Inserts of rows, alone, under a condition, and together with those that name them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

from django.db import connection, models, transaction
from django.db.models.expressions import Expression, RawSQL
from django.db.models.sql import InsertQuery

from stripeflow.triggers.sql.cursors import cursor_here
from stripeflow.triggers.sql.statement import Bound, Compiled, Slot, parameters_of
from stripeflow.triggers.sql.switch import is_on


def insert(row: models.Model, *, unless: Sequence[Bound] = ()) -> bool:
    """Insert the row, as `row.save(force_insert=True)` does, unless one of the queries finds something.

    Returns whether it was inserted. Raises `IntegrityError`.
    """
    if not unless and not is_on():
        type(row)._base_manager.bulk_create([row])
        return True
    compiled = _insert_unless(type(row), tuple(query.sql for query in unless), connection.vendor)
    return _write(row, compiled, more=parameters_of(unless))


def insert_where_new(row: models.Model) -> bool:
    """Insert the row unless a unique constraint refuses it; returns whether it was inserted."""
    return _write(row, _insert_new(type(row), connection.vendor))


def insert_if(
    row: models.Model, model: type[models.Model], *, unless: Sequence[Bound] = (), **where: Any
) -> bool:
    """Insert the row if `model` has one `where` the fields have these values, which are not None.

    Unless one of the queries finds something. One statement, so that it needs no transaction. Returns
    whether the row was inserted. Raises `IntegrityError`.
    """
    refused = tuple(query.sql for query in unless)
    compiled = _insert_if(type(row), model, tuple(where), refused, connection.vendor)
    conditions = {f"was_{name}": value for name, value in where.items()}
    return _write(row, compiled, conditions=conditions, more=parameters_of(unless))


def can_insert_together() -> bool:
    """Whether `insert_together` is one statement here, and no transaction is open, which it could break."""
    return connection.vendor == "postgresql" and is_on() and connection.get_autocommit()


def insert_together(
    row: models.Model, others: Sequence[models.Model], *, link: str, unless: Sequence[Bound] = ()
) -> bool:
    """Insert the row, and the `others` whose foreign key `link` is to name it, at the same moment.

    None of them unless all the queries find nothing; returns whether they were. One statement where the
    database can. Raises `IntegrityError`; then none is inserted.
    """
    vendor = connection.vendor
    if vendor != "postgresql" or not is_on():
        with transaction.atomic():
            if not insert(row, unless=unless):
                return False
            for other in others:
                setattr(other, link, row)
                insert(other)
        return True
    parts = [_insert(type(row), vendor), *(_insert(type(other), vendor, link) for other in others)]
    parameters = parts[0].filled(_columns(row)) + [part for query in unless for part in query.filled()]
    for part, other in zip(parts[1:], others, strict=True):
        parameters += part.filled(_columns(other))
    sql = _together(tuple(part.sql for part in parts), tuple(query.sql for query in unless))
    with cursor_here() as cursor:
        cursor.execute(sql, parameters)
        returned = cursor.fetchone()
    if returned is None:
        return False
    (row.pk,) = parts[0].converted(returned)
    for each in (row, *others):
        each._state.adding, each._state.db = False, connection.alias
    for other in others:
        setattr(other, link, row)
    return True


def _columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: field.pre_save(row, True) for field in written(type(row))}


def _write(
    row: models.Model,
    compiled: Compiled,
    *,
    conditions: Mapping[str, Any] | None = None,
    more: Sequence[Any] = (),
) -> bool:
    """Execute an insert of the row; `more` are parameters behind its own, ready for the driver."""
    model = type(row)
    parameters = compiled.filled({**_columns(row), **(conditions or {})})
    with cursor_here() as cursor:
        cursor.execute(compiled.sql, [*parameters, *more])
        if model._meta.auto_field is None:
            if cursor.rowcount < 1:
                return False
        elif (returned := _returned(cursor, model)) is None:
            return False
        else:
            (row.pk,) = compiled.converted(returned)
    row._state.adding, row._state.db = False, connection.alias
    return True


@lru_cache(maxsize=512)
def _together(parts: tuple[str, ...], unless: tuple[str, ...]) -> str:
    """One statement of inserts that were compiled from models; the first one returns its key."""
    first, *others = parts
    if unless:
        first = _unless(first, unless)
        others = [_where(other, "EXISTS (SELECT 1 FROM one)") for other in others]
    rest = "".join(f", other_{number} AS ({other})" for number, other in enumerate(others))
    return f"WITH one AS ({first}){rest} SELECT * FROM one"  # noqa: S608


@lru_cache(maxsize=512)
def _insert_unless(model: type[models.Model], queries: tuple[str, ...], vendor: str) -> Compiled:
    plain = _insert(model, vendor)
    return replace(plain, sql=_unless(plain.sql, queries)) if queries else plain


@lru_cache(maxsize=512)
def _unless(insertion: str, queries: tuple[str, ...]) -> str:
    return _where(insertion, unless_found(queries))


def unless_found(queries: tuple[str, ...]) -> str:
    """The condition that none of the queries finds something."""
    return " AND ".join(f"NOT EXISTS ({query})" for query in queries)


def _where(insertion: str, condition: str) -> str:
    """The insert of one row, which was compiled from a model, made under a condition."""
    start, _values, rest = insertion.partition(" VALUES (")
    columns, _end, returning = rest.rpartition(")")
    return f"{start} SELECT {columns} WHERE {condition}{returning}"


@lru_cache(maxsize=64)
def _insert(model: type[models.Model], _vendor: str, link: str = "") -> Compiled:
    fields = list(written(model))
    row = model(**{field.attname: _place(model, field, link) for field in fields})
    query = InsertQuery(model)
    query.insert_values(fields, [row], raw=True)
    compiler = query.get_compiler(connection=connection)
    automatic = model._meta.auto_field
    compiler.returning_fields = [automatic] if automatic is not None else None
    ((sql, parameters),) = compiler.as_sql()
    converters = compiler.get_converters([automatic.get_col(model._meta.db_table)]) if automatic else {}
    return Compiled(sql, tuple(parameters), converters)


@lru_cache(maxsize=64)
def _insert_new(model: type[models.Model], vendor: str) -> Compiled:
    plain = _insert(model, vendor)
    start, returning, rest = plain.sql.partition(" RETURNING ")
    return replace(plain, sql=f"{start} ON CONFLICT DO NOTHING{returning}{rest}")


def _place(model: type[models.Model], field: models.Field, link: str) -> Expression:
    if field.name == link:
        return RawSQL("SELECT * FROM one", [], output_field=field)  # what `_together` calls the first row
    return Slot(model, field.name, field.attname)


@lru_cache(maxsize=64)
def _insert_if(
    model: type[models.Model],
    other: type[models.Model],
    where: tuple[str, ...],
    unless: tuple[str, ...],
    vendor: str,
) -> Compiled:
    insertion = _insert(model, vendor)
    found = other._base_manager.filter(**{name: Slot(other, name, f"was_{name}") for name in where})
    condition, parameters = found.values_list("pk").query.get_compiler(connection=connection).as_sql()
    conditions = [f"EXISTS ({condition})", *(f"NOT EXISTS ({query})" for query in unless)]
    sql = _where(insertion.sql, " AND ".join(conditions))
    return Compiled(sql, (*insertion.parameters, *parameters), insertion.converters)


def written(model: type[models.Model]) -> Iterator[models.Field]:
    automatic = model._meta.auto_field
    return (one for one in model._meta.concrete_fields if one is not automatic and not one.generated)


def _returned(cursor: Any, model: type[models.Model]) -> tuple[Any, ...] | None:
    """The generated key, or None if no row was inserted."""
    if connection.features.can_return_columns_from_insert:
        return cursor.fetchone()
    if cursor.rowcount < 1:
        return None
    return (connection.ops.last_insert_id(cursor, model._meta.db_table, str(model._meta.pk.column)),)
