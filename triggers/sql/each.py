"""Several guarded writes by one statement, each of which answers for itself. Only on PostgreSQL.

The text of a statement is the same for any number of writes: their values are one parameter, as JSON.
"""

import json
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from django.db import connection, models
from django.db.models.expressions import Expression

from stripeflow.triggers.sql.as_json import (
    all_columns,
    as_json,
    columns_of,
    quoted,
    read_as,
    table_of,
)
from stripeflow.triggers.sql.cursors import cursor_here
from stripeflow.triggers.sql.inserts import unless_found
from stripeflow.triggers.sql.statement import Bound, Slot, field_of, parameters_of
from stripeflow.triggers.sql.updates import Change, shape_of

# A change, and one that is made only if the first one matched a row; None where there is none.
Both = tuple[Change, Change | None]


class Given(Expression):
    """In a condition of `insert_each`: the value that the row to insert has in the field `name`."""

    def __init__(self, model: type[models.Model], name: str) -> None:
        found = field_of(model, name)
        super().__init__(output_field=found.target_field if isinstance(found, models.ForeignKey) else found)
        self.column = str(found.column)

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        return f"given.{quoted(self.column)}", []


class _Keys(Slot):
    """Where several keys go, as one value."""

    def prepared(self, value: Any, connected: Any) -> Any:  # noqa: ANN401  the keys
        return [super(_Keys, self).prepared(key, connected) for key in value]


class OneOf(Expression):
    """The condition that the key is one of several. `called` names the value."""

    def __init__(self, model: type[models.Model], called: str) -> None:
        super().__init__(output_field=models.BooleanField())
        self.model, self.keys = model, _Keys(model, "pk", called)

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        return f"{self._key} = ANY(%s)", [self.keys]

    @property
    def _key(self) -> str:
        return f"{table_of(self.model)}.{quoted(str(self.keys.output_field.column))}"


class Unlocked(OneOf):
    """The same, and that no other transaction changes its row just now.

    So of two processes that update some of the same rows, none waits for the other.
    """

    def as_sql(self, _compiler: Any, _connection: Any) -> Any:
        table, key = table_of(self.model), quoted(str(self.keys.output_field.column))
        rows = f"SELECT {key} FROM {table} WHERE {key} = ANY(%s) ORDER BY {key} FOR UPDATE SKIP LOCKED"  # noqa: S608
        return f"{self._key} = ANY(ARRAY({rows}))", [self.keys]


def insert_each(
    rows: Sequence[models.Model], *, unique: tuple[str, ...], only: Bound, unless: Sequence[Bound] = ()
) -> list[bool]:
    """Insert each row for which `only` finds something, and none of `unless` does; returns which were.

    The rows are of one model, and differ in the fields `unique`. Raises `IntegrityError`; then none is.
    """
    model = type(rows[0])
    sql = _insert_each(model, unique, only.sql, tuple(query.sql for query in unless))
    with cursor_here() as cursor:
        cursor.execute(sql, [as_json(rows), *only.filled(), *parameters_of(unless)])
        keys = {tuple(identity): key for key, *identity in cursor.fetchall()}
    names = [str(field_of(model, name).attname) for name in unique]
    return [_is_stored(row, keys.get(tuple(getattr(row, name) for name in names))) for row in rows]


def update_each(changes: Sequence[Both]) -> list[tuple[bool, bool]]:
    """Do what `update_both` does, for several pairs of one shape; returns which of each pair matched."""
    first, second = changes[0]
    shapes = [shape_of(change) for change in (first, second) if change is not None]
    parameters = [
        part for side in zip(*changes, strict=True) if side[0] is not None for part in _values(side)
    ]
    with cursor_here() as cursor:
        cursor.execute(_update_each(*shapes), parameters)
        matched = {place: bool(other) for place, other in cursor.fetchall()}
    return [(place in matched, matched.get(place, False)) for place in range(1, len(changes) + 1)]


def _is_stored(row: models.Model, key: Any) -> bool:  # noqa: ANN401  any key
    if key is None:
        return False
    row.pk = key
    row._state.adding, row._state.db = False, connection.alias
    return True


@lru_cache(maxsize=64)
def _insert_each(
    model: type[models.Model], unique: tuple[str, ...], only: str, unless: tuple[str, ...]
) -> str:
    columns = ", ".join(all_columns(model))
    conditions = f"EXISTS ({only})" + (f" AND {unless_found(unless)}" if unless else "")
    returned = ", ".join([quoted(str(model._meta.pk.column)), *columns_of(model, unique)])
    return (
        f"INSERT INTO {table_of(model)} ({columns}) SELECT {columns} FROM {read_as(model)} AS given"  # noqa: S608
        f" WHERE {conditions} RETURNING {returned}"
    )


@lru_cache(maxsize=64)
def _update_each(first: tuple[Any, ...], second: tuple[Any, ...] | None = None) -> str:
    """Updates rows, and those that belong to them; returns the place of each that matched."""
    parts = [*_given("one", first), f"one AS ({_update('one', first)})"]
    if second is None:
        return f"WITH {', '.join(parts)} SELECT place, TRUE FROM one"  # noqa: S608
    parts += [
        *_given("two", second),
        f"two AS ({_update('two', second, beside=' JOIN one ON one.place = was.place')})",
    ]
    both = "one LEFT JOIN two ON two.place = one.place"
    return f"WITH {', '.join(parts)} SELECT one.place, two.place IS NOT NULL FROM {both}"  # noqa: S608


def _given(name: str, shape: tuple[Any, ...]) -> list[str]:
    """What the rows of a side have to be, and what they become."""
    read = f"SELECT * FROM {read_as(shape[0])} WITH ORDINALITY"  # noqa: S608
    return [f"{name}_was AS ({read})", f"{name}_new AS ({read})"]


def _update(name: str, shape: tuple[Any, ...], *, beside: str = "") -> str:
    model, where, _unset, values = shape
    table = table_of(model)
    new = ", ".join(f"{column} = new.{column}" for column in columns_of(model, values))
    same = " AND ".join(f"{table}.{column} = was.{column}" for column in columns_of(model, where))
    given = f"(SELECT *, ordinality AS place FROM {name}_was) AS was{beside}"  # noqa: S608
    return (
        f"UPDATE {table} SET {new} FROM {given} JOIN {name}_new AS new ON new.ordinality = was.place"  # noqa: S608
        f" WHERE {same} RETURNING was.place"
    )


def _values(side: Sequence[Change | None]) -> list[str]:
    """What the rows of a side have to be, and what they become, as two parameters."""
    changes = [change for change in side if change is not None]
    return [
        json.dumps([_prepared(change.model, values) for change, values in pairs], default=str)
        for pairs in (
            [(change, change.where) for change in changes],
            [(change, change.values) for change in changes],
        )
    ]


def _prepared(model: type[models.Model], values: Mapping[str, Any]) -> dict[str, Any]:
    fields = {name: field_of(model, name) for name in values}
    return {str(fields[name].column): fields[name].get_prep_value(value) for name, value in values.items()}
