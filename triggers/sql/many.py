"""Several rows at once, each with those that name it.

On PostgreSQL that is one statement, whose text is the same for any number of rows: they are one parameter, as
JSON.
"""

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TypeVar

from django.db import IntegrityError, connection, models, transaction

from stripeflow.triggers.sql.as_json import all_columns, as_json, columns_of, quoted, read_as, table_of
from stripeflow.triggers.sql.cursors import cursor_here
from stripeflow.triggers.sql.inserts import insert, insert_where_new, unless_found
from stripeflow.triggers.sql.statement import Bound, parameters_of
from stripeflow.triggers.sql.switch import is_on

Row = TypeVar("Row", bound=models.Model)
# A row, and the rows that are to name it.
Pair = tuple[Row, Sequence[models.Model]]


def insert_all_together(
    pairs: Sequence[Pair[Row]], *, link: str, unique: Sequence[str], unless: Sequence[Bound] = ()
) -> list[Pair[Row]]:
    """Insert the first row of each pair, if it is not there yet, and the others, whose `link` is to name it.

    No row at all unless all the queries find nothing. `unique` are the fields of a unique constraint of the
    first rows, which are all different. The others are of one model. Returns the pairs that were inserted.
    Raises `IntegrityError` for another constraint, and then none is; without compiled statements that pair is
    left out.
    """
    if connection.vendor == "postgresql" and is_on():
        return _by_one_statement(pairs, link, tuple(unique), unless) if pairs else []
    with transaction.atomic():
        if any(query.rows() for query in unless):
            return []
        return [pair for pair in pairs if _is_inserted(*pair, link)]


def insert_all(rows: Sequence[models.Model]) -> None:
    """Insert the rows, which are of one model; their keys stay unknown. Raises `IntegrityError`."""
    if connection.vendor != "postgresql" or not is_on() or len(rows) < 2:
        for row in rows:
            insert(row)
        return
    with cursor_here() as cursor:
        cursor.execute(_inserted(type(rows[0])), [as_json(rows)])
    _are_stored(rows)


def _is_inserted(row: models.Model, others: Sequence[models.Model], link: str) -> bool:
    if not _is_new(row):
        return False
    for other in others:
        setattr(other, link, row)
        insert(other)
    return True


def _is_new(row: models.Model) -> bool:
    if is_on():
        return insert_where_new(row)
    try:
        with transaction.atomic():
            return insert(row)
    except IntegrityError:
        return False


def _by_one_statement(
    pairs: Sequence[Pair[Row]], link: str, unique: tuple[str, ...], unless: Sequence[Bound]
) -> list[Pair[Row]]:
    rows, others = [row for row, _others in pairs], [other for _row, others in pairs for other in others]
    for place, (_row, named_by) in enumerate(pairs, start=1):
        for other in named_by:
            setattr(other, f"{link}_id", place)  # the statement replaces it with the key
    model, other_model = type(rows[0]), type(others[0]) if others else None
    sql = _together(model, other_model, link, unique, tuple(query.sql for query in unless))
    parameters = [as_json(rows), *parameters_of(unless), *([as_json(others)] if others else [])]
    with cursor_here() as cursor:
        cursor.execute(sql, parameters)
        keys = dict(cursor.fetchall())
    return [_keyed(pair, keys[place], link) for place, pair in enumerate(pairs, start=1) if place in keys]


def _keyed(pair: Pair[Row], key: object, link: str) -> Pair[Row]:
    """The pair, as it is stored."""
    row, others = pair
    row.pk = key
    for other in others:
        setattr(other, link, row)
    _are_stored([row, *others])
    return pair


@lru_cache(maxsize=64)
def _together(
    model: type[models.Model],
    other: type[models.Model] | None,
    link: str,
    unique: tuple[str, ...],
    unless: tuple[str, ...],
) -> str:
    """Inserts rows of `model`, and those of `other` that name them; returns the place and key of each."""
    columns = all_columns(model)
    same = " AND ".join(f"one.{name} = given.{name}" for name in columns_of(model, unique))
    key = quoted(str(model._meta.pk.column))
    selected = f"SELECT {', '.join(columns)} FROM given"  # noqa: S608
    if unless:
        selected += f" WHERE {unless_found(unless)}"
    parts = [
        f"given AS (SELECT * FROM {read_as(model)} WITH ORDINALITY)",  # noqa: S608
        f"one AS (INSERT INTO {table_of(model)} ({', '.join(columns)}) {selected}"  # noqa: S608
        f" ON CONFLICT DO NOTHING RETURNING {', '.join([key, *columns_of(model, unique)])})",
        f"placed AS (SELECT given.ordinality AS place, one.{key} AS pk FROM one JOIN given ON {same})",  # noqa: S608
    ]
    if other is not None:
        (linking,) = columns_of(other, (link,))
        names = all_columns(other)
        values = ("placed.pk" if name == linking else f"linked.{name}" for name in names)
        parts.append(
            f"two AS (INSERT INTO {table_of(other)} ({', '.join(names)}) SELECT {', '.join(values)}"  # noqa: S608
            f" FROM {read_as(other)} AS linked JOIN placed ON placed.place = linked.{linking})"
        )
    return f"WITH {', '.join(parts)} SELECT place, pk FROM placed"  # noqa: S608


@lru_cache(maxsize=64)
def _inserted(model: type[models.Model]) -> str:
    columns = ", ".join(all_columns(model))
    return f"INSERT INTO {table_of(model)} ({columns}) SELECT {columns} FROM {read_as(model)}"  # noqa: S608


def _are_stored(rows: Iterable[models.Model]) -> None:
    for row in rows:
        row._state.adding, row._state.db = False, connection.alias
