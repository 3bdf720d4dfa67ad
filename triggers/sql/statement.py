"""Statements whose SQL Django's ORM compiles once, and that run with other values each time.

Django builds a statement again for each call, which costs more than the database needs to execute it. Here
the models stay the source: querysets are written as ever, with a `Slot` wherever a value belongs, compiled
on first use for the database at hand, and kept. A value goes through its field, never into the SQL's text.

    landed = update(Run, where={"pk": pk, "status": "queued"}, values={"status": "running"})

    at = Statement(lambda: Activation.objects.filter(created__lte=Slot(Event, "created")).values_list("pk"))
    rows = at.rows(created=event.created)

All of it is for the default database, like the transactions around it. No signals are sent. Where that is a
PostgreSQL whose `OPTIONS` have a `prepare_threshold`, the statements are prepared after so many executions.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, cast

from django.db import DEFAULT_DB_ALIAS, connection, connections, models
from django.db.models.expressions import Expression
from django.db.models.sql import UpdateQuery

from stripeflow.triggers.sql.cursors import cursor_here
from stripeflow.triggers.sql.switch import is_on


def field_of(model: type[models.Model], name: str) -> models.Field:
    """The field with this name; "pk" is the primary key."""
    return cast(models.Field, model._meta.pk if name == "pk" else model._meta.get_field(name))


class Slot(Expression):
    """Where a value for the field `name` of `model` goes; `called` names it, by default like the field."""

    def __init__(self, model: type[models.Model], name: str, called: str = "") -> None:
        super().__init__(output_field=field_of(model, name))
        self.called = called or name

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        return "%s", [self]

    def prepared(self, value: Any, connected: Any) -> Any:  # noqa: ANN401  a field's value
        """The value for the driver."""
        return self.output_field.get_db_prep_save(value, connected)


@dataclass(frozen=True)
class Compiled:
    """SQL and its parameters, of which some are slots; for a query, what turns its columns into values."""

    sql: str
    parameters: tuple[Any, ...]
    converters: dict[int, tuple[list[Callable[..., Any]], Any]] = field(default_factory=dict)

    def filled(self, values: Mapping[str, Any]) -> list[Any]:
        """The parameters for the driver. Raises `KeyError` if there is no value for a slot."""
        connected = connections[DEFAULT_DB_ALIAS]  # looked up once, not for each value
        return [prepare(values[name], connected) if prepare else name for name, prepare in self._places]

    @cached_property
    def _places(self) -> list[tuple[Any, Callable[[Any, Any], Any] | None]]:
        """For each slot what it is called and its field's preparation; a constant, and None."""
        return [
            (part.called, part.prepared) if isinstance(part, Slot) else (part, None)
            for part in self.parameters
        ]

    def converted(self, row: tuple[Any, ...]) -> tuple[Any, ...]:
        """The values of a row, as its fields have them."""
        if not self.converters:
            return row
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
        with cursor_here() as cursor:
            cursor.execute(compiled.sql, compiled.filled(values))
            return [compiled.converted(row) for row in cursor.fetchall()]

    def run(self, **values: Any) -> int:
        """Execute an update; returns how many rows it matched."""
        compiled = self._ready()
        with cursor_here() as cursor:
            cursor.execute(compiled.sql, compiled.filled(values))
            return int(cursor.rowcount)

    def returned(self, *columns: str, **values: Any) -> list[tuple[Any, ...]]:
        """Execute an update; returns these columns of the rows that it matched. Only on PostgreSQL."""
        compiled = self._ready()
        names = ", ".join(connection.ops.quote_name(column) for column in columns)
        with cursor_here() as cursor:
            cursor.execute(f"{compiled.sql} RETURNING {names}", compiled.filled(values))
            return list(cursor.fetchall())

    def bound(self, **values: Any) -> "Bound":
        """The query with the values of its slots, as a part of another statement."""
        return Bound(self, values)

    def _ready(self) -> Compiled:
        if not is_on():
            return compiled(self._build())
        kept = self._compiled.get(connection.vendor)
        if kept is None:
            kept = self._compiled[connection.vendor] = compiled(self._build())
        return kept


@dataclass(frozen=True)
class Bound:
    """A query and the values of its slots."""

    statement: Statement
    values: Mapping[str, Any]

    def rows(self) -> list[tuple[Any, ...]]:
        """The rows of the query."""
        return self.statement.rows(**self.values)

    @property
    def sql(self) -> str:
        return self.statement._ready().sql

    def filled(self) -> list[Any]:
        """The parameters for the driver. Raises `KeyError` if there is no value for a slot."""
        return self.statement._ready().filled(self.values)


def parameters_of(queries: Sequence[Bound]) -> list[Any]:
    return [part for query in queries for part in query.filled()]


def compiled(built: Any) -> Compiled:
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
