"""Guarded updates: one statement, which says whether it landed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.db import connection, models, transaction

from stripeflow.triggers.sql.cursors import cursor_here
from stripeflow.triggers.sql.statement import Bound, Slot, Statement, parameters_of
from stripeflow.triggers.sql.switch import is_on


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
    if not unless and not is_on():
        return model._base_manager.filter(**where).update(**values)
    change = Change(model, where, values)
    compiled = _update(*shape_of(change))._ready()
    sql = _update_unless(compiled.sql, tuple(query.sql for query in unless))
    with cursor_here() as cursor:
        cursor.execute(sql, [*compiled.filled(_values(change)), *parameters_of(unless)])
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
    if connection.vendor != "postgresql" or not is_on():
        with transaction.atomic():
            has_matched = bool(first.make())
            return has_matched, has_matched and bool(second.make())
    sides = [(change, _update(*shape_of(change))._ready(), _values(change)) for change in (first, second)]
    sql = _both(*(compiled.sql for _change, compiled, _filled in sides))
    parameters = [part for _change, compiled, values in sides for part in compiled.filled(values)]
    with cursor_here() as cursor:
        cursor.execute(sql, parameters)
        one, two = cursor.fetchone()
    return bool(one), bool(two)


def shape_of(change: Change) -> tuple[Any, ...]:
    """What the SQL of a change depends on: model, names of `where`, those that are None, names of values."""
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
def _update_unless(change: str, queries: tuple[str, ...]) -> str:
    """An update that was compiled from a model, with its condition, made under one more."""
    return " AND ".join([change, *(f"NOT EXISTS ({query})" for query in queries)])
