"""Statements whose SQL Django's ORM compiles once, and that run with other values each time.

Django builds a statement anew for each call, which costs more than the database needs to execute it. Here
the models stay the source: querysets are written as ever, with a `Slot` wherever a value belongs, compiled
on first use for the database at hand, and kept. A value goes through its field, never into the SQL's text.

    landed = update(Run, where={"pk": pk, "status": "queued"}, values={"status": "running"})

    at = Statement(lambda: Activation.objects.filter(created__lte=Slot(Event, "created")).values_list("pk"))
    rows = at.rows(created=event.created)

All of it is for the default database, like the transactions around it. No signals are sent. Where that is a
PostgreSQL whose `OPTIONS` have a `prepare_threshold`, the statements are prepared after so many executions.
"""

import re
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from itertools import count
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models.expressions import Expression, RawSQL
from django.db.models.sql import InsertQuery, UpdateQuery


class Slot(Expression):
    """Where a value for the field `name` of `model` goes; `called` names it, by default like the field."""

    def __init__(self, model: type[models.Model], name: str, called: str = "") -> None:
        found = model._meta.pk if name == "pk" else model._meta.get_field(name)
        super().__init__(output_field=cast(models.Field, found))
        self.called = called or name

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        return "%s", [self]


@dataclass(frozen=True)
class Compiled:
    """SQL and its parameters, of which some are slots; for a query, what turns its columns into values."""

    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]] = field(default_factory=dict)

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters for the driver. Raises `KeyError` if there is no value for a slot."""
        connected = connections[DEFAULT_DB_ALIAS]  # not looked up anew for each value
        return [prepare(values[name], connected) if prepare else name for name, prepare in self._places]

    @cached_property
    def _places(self) -> list[tuple[Any, Callable[[Any, Any], Any] | None]]:
        """For each slot what it is called and its field's preparation; a constant, and None."""
        return [
            (part.called, part.output_field.get_db_prep_save) if isinstance(part, Slot) else (part, None)
            for part in self.parameters
        ]

    def converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        columns = list(row)
        for position, (functions, expression) in self.converters.items():
            for function in functions:
                columns[position] = function(columns[position], expression, connection)
        return tuple(columns)


class Statement:
    """A statement that `build` makes, with slots: a queryset to read, or a queryset and what to update."""

    def __init__(self, build: Callable[[], Any]) -> None:
        self._build = build
        self._compiled: dict[str, Compiled] = {}

    def rows(self, **values: Any) -> list[tuple[Any, ...]]:
        """The rows of a query, each as a tuple, whatever kind of queryset it was built from."""
        compiled = self._ready()
        with _cursor() as cursor:
            cursor.execute(compiled.sql, compiled.filled(values))
            return [compiled.converted(row) for row in cursor.fetchall()]

    def run(self, **values: Any) -> int:
        """Execute an update; returns how many rows it matched."""
        compiled = self._ready()
        with _cursor() as cursor:
            cursor.execute(compiled.sql, compiled.filled(values))
            return int(cursor.rowcount)

    def bound(self, **values: Any) -> "Bound":
        """The query with the values of its slots, to be asked within another statement."""
        return Bound(self, values)

    def _ready(self) -> Compiled:
        kept = self._compiled.get(connection.vendor)
        if kept is None:
            kept = self._compiled[connection.vendor] = _compiled(self._build())
        return kept


@dataclass(frozen=True)
class Bound:
    """A query and the values of its slots."""

    statement: Statement
    values: Mapping[str, Any]

    @property
    def sql(self) -> str:
        return self.statement._ready().sql

    def filled(self) -> list[Any]:
        """The parameters for the driver. Raises `KeyError` if there is no value for a slot."""
        return self.statement._ready().filled(self.values)


def update(
    model: type[models.Model],
    *,
    where: Mapping[str, Any],
    values: Mapping[str, Any],
    unless: Sequence[Bound] = (),
) -> int:
    """Do `filter(**where).update(**values)` for plain values of fields; returns how many rows it matched.

    No row at all if one of the queries `unless` finds something.
    """
    change = Change(model, where, values)
    compiled = _update(*_shape(change))._ready()
    sql = _update_unless(compiled.sql, tuple(query.sql for query in unless))
    with _cursor() as cursor:
        cursor.execute(sql, [*compiled.filled(_values(change)), *_parameters(unless)])
        return int(cursor.rowcount)


@dataclass(frozen=True)
class Change:
    """What `update` does, as a value."""

    model: type[models.Model]
    where: Mapping[str, Any]
    values: Mapping[str, Any]

    def make(self) -> int:
        return update(self.model, where=self.where, values=self.values)


def update_both(first: Change, second: Change) -> tuple[bool, bool]:
    """Make the first change, and then, if it matched a row, the second one; returns which of them matched.

    Both are durable at the same moment. Where the database can, it is one statement and needs no
    transaction, which saves three ways to a database elsewhere.
    """
    if connection.vendor != "postgresql":
        with transaction.atomic():
            has_matched = bool(first.make())
            return has_matched, has_matched and bool(second.make())
    sides = [(change, _update(*_shape(change))._ready(), _values(change)) for change in (first, second)]
    sql = _both(*(compiled.sql for _change, compiled, _filled in sides))
    parameters = [part for _change, compiled, values in sides for part in compiled.filled(values)]
    with _cursor() as cursor:
        cursor.execute(sql, parameters)
        one, two = cursor.fetchone()
    return bool(one), bool(two)


def insert(row: models.Model, *, unless: Sequence[Bound] = ()) -> bool:
    """Insert the row, as `row.save(force_insert=True)` does, unless one of the queries finds something.

    Returns whether it was inserted. Raises `IntegrityError`.
    """
    compiled = _insert_unless(type(row), tuple(query.sql for query in unless), connection.vendor)
    return _write(row, compiled, more=_parameters(unless))


def _parameters(queries: Sequence[Bound]) -> list[Any]:
    return [part for query in queries for part in query.filled()]


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
    return _write(row, compiled, conditions=conditions, more=_parameters(unless))


def can_insert_together() -> bool:
    """Whether `insert_together` is one statement here, and no transaction is open, which it could break."""
    return connection.vendor == "postgresql" and connection.get_autocommit()


def insert_together(
    row: models.Model, others: Sequence[models.Model], *, link: str, unless: Sequence[Bound] = ()
) -> bool:
    """Insert the row, and the `others` whose foreign key `link` is to name it, at the same moment.

    None of them unless all the queries find nothing; returns whether they were. One statement where the
    database can. Raises `IntegrityError`; then none is inserted.
    """
    vendor = connection.vendor
    if vendor != "postgresql":
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
    with _cursor() as cursor:
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


class _KeptCursor(CursorWrapper):
    """A cursor of psycopg that serves one statement after the other.

    It wants `$1` in place of `%s`, and so need not search each statement for it.
    """

    def __exit__(self, *_raised: object) -> None:
        """Leave it open."""

    def _execute(self, sql: str, params: Any, *ignored: Any) -> Any:
        return super()._execute(_numbered(sql), params, *ignored)  # type: ignore[misc]  # Django's own, unlisted


_kept = threading.local()


def _cursor() -> CursorWrapper:
    """A cursor, which on PostgreSQL leaves the parameters to the server if statements are to be prepared.

    Django's own puts them into the SQL's text, of which no two are the same. It is kept for this thread's
    connection, since a new one costs as much as a small statement. One of SQLite is not: if it is left
    before all rows are read, the database stays locked until it is closed.
    """
    if connection.vendor != "postgresql":
        return connection.cursor()
    connection.ensure_connection()
    connected = connection.connection
    if connection.queries_logged or getattr(connected, "prepare_threshold", None) is None:
        return connection.cursor()
    if getattr(_kept, "connected", None) is not connected:
        _kept.cursor, _kept.connected = _numbered_cursor(connected), connected
    return _KeptCursor(_kept.cursor, connections[DEFAULT_DB_ALIAS])


def _numbered_cursor(connected: Any) -> Any:
    """A cursor of psycopg as Django makes them, with its adapters and time zone."""
    from psycopg import RawCursor

    usual = connected.cursor_factory
    connected.cursor_factory = RawCursor
    try:
        return connection.cursor().cursor
    finally:
        connected.cursor_factory = usual


@lru_cache(maxsize=512)
def _numbered(sql: str) -> str:
    numbers = count(1)
    return re.sub("%[%s]", lambda found: "%" if found[0] == "%%" else f"${next(numbers)}", sql)


def _columns(row: models.Model) -> dict[str, Any]:
    return {field.attname: field.pre_save(row, True) for field in _written(type(row))}


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
    with _cursor() as cursor:
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


def _compiled(built: Any) -> Compiled:
    if isinstance(built, tuple):
        queryset, values = built
        query = queryset.query.chain(UpdateQuery)
        query.add_update_values(values)
        sql, parameters = query.get_compiler(connection=connection).as_sql()
        return Compiled(sql, tuple(parameters))
    compiler = built.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    columns = [selected[0] for selected in compiler.select]
    return Compiled(sql, tuple(parameters), compiler.get_converters(columns))


def _shape(change: Change) -> tuple[Any, ...]:
    """What the SQL of a change depends on."""
    unset = tuple(name for name, value in change.where.items() if value is None)
    return change.model, tuple(change.where), unset, tuple(change.values)


def _values(change: Change) -> dict[str, Any]:
    return {**{f"was_{name}": value for name, value in change.where.items()}, **change.values}


@lru_cache(maxsize=512)
def _both(first: str, second: str) -> str:
    """One statement of two that were compiled from models, with places for the values."""
    one = f"{first} RETURNING 1"
    two = f"{second} AND EXISTS (SELECT 1 FROM one) RETURNING 1"  # noqa: S608
    counts = "(SELECT count(*) FROM one), (SELECT count(*) FROM two)"
    return f"WITH one AS ({one}), two AS ({two}) SELECT {counts}"  # noqa: S608


@lru_cache(maxsize=512)
def _update(
    model: type[models.Model], where: tuple[str, ...], unset: tuple[str, ...], changed: tuple[str, ...]
) -> Statement:
    def build() -> tuple[Any, dict[str, Any]]:
        plain = {name: Slot(model, name, f"was_{name}") for name in where if name not in unset}
        condition = {**plain, **{f"{name}__isnull": True for name in unset}}
        return model._base_manager.filter(**condition), {name: Slot(model, name) for name in changed}

    return Statement(build)


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
def _update_unless(change: str, queries: tuple[str, ...]) -> str:
    """An update that was compiled from a model, with its condition, made under one more."""
    return " AND ".join([change, *(f"NOT EXISTS ({query})" for query in queries)])


@lru_cache(maxsize=512)
def _insert_unless(model: type[models.Model], queries: tuple[str, ...], vendor: str) -> Compiled:
    plain = _insert(model, vendor)
    return replace(plain, sql=_unless(plain.sql, queries)) if queries else plain


@lru_cache(maxsize=512)
def _unless(insertion: str, queries: tuple[str, ...]) -> str:
    return _where(insertion, " AND ".join(f"NOT EXISTS ({query})" for query in queries))


def _where(insertion: str, condition: str) -> str:
    """The insert of one row, which was compiled from a model, made under a condition."""
    start, _values, rest = insertion.partition(" VALUES (")
    columns, _end, returning = rest.rpartition(")")
    return f"{start} SELECT {columns} WHERE {condition}{returning}"


@lru_cache(maxsize=64)
def _insert(model: type[models.Model], _vendor: str, link: str = "") -> Compiled:
    fields = list(_written(model))
    row = model(**{field.attname: _place(model, field, link) for field in fields})
    query = InsertQuery(model)
    query.insert_values(fields, [row], raw=True)
    compiler = query.get_compiler(connection=connection)
    automatic = model._meta.auto_field
    compiler.returning_fields = [automatic] if automatic is not None else None
    ((sql, parameters),) = compiler.as_sql()
    converters = compiler.get_converters([automatic.get_col(model._meta.db_table)]) if automatic else {}
    return Compiled(sql, tuple(parameters), converters)


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


def _written(model: type[models.Model]) -> Iterator[models.Field]:
    automatic = model._meta.auto_field
    return (one for one in model._meta.concrete_fields if one is not automatic and not one.generated)


def _returned(cursor: Any, model: type[models.Model]) -> tuple[Any, ...] | None:
    """The generated key, or None if no row was inserted."""
    if connection.features.can_return_columns_from_insert:
        return cursor.fetchone()
    if cursor.rowcount < 1:
        return None
    return (connection.ops.last_insert_id(cursor, model._meta.db_table, str(model._meta.pk.column)),)
