"""Old rows by the hundred thousand, copied by the database itself from one real run.

Only what must differ is replaced: ids, what is unique, what ties the rows together, and times.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.core.management.color import no_style
from django.db import connection, models

from bench import storage

_NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM s WHERE n < %s)",
    "postgresql": "WITH s(n) AS (SELECT generate_series(%s::bigint, %s::bigint))",
}
# From 90 days ago until two minutes ago, the oldest first, as where rows come one by one. As long a text
# as Django writes.
_AGO = "(120 + ({count} - n) * 7776000 / {count})"
_MOMENT = {
    "sqlite": f"strftime('%%Y-%%m-%%d %%H:%%M:%%f000', 'now', '-' || {_AGO} || ' seconds')",
    "postgresql": f"now() - {_AGO} * interval '1 second'",
}
# No two numbers have the same, and neighbours are far apart.
_SCATTERED = "n * 2654435761 %% 4294967296"
# As scattered as what this benchmark gives its events, or as the ids of runs are.
NAME = {
    "sqlite": f"printf('%%08x%%016x', {_SCATTERED}, n)",
    "postgresql": f"lpad(to_hex({_SCATTERED}), 8, '0') || lpad(to_hex(n), 16, '0')",
}
UUIDS = {
    "sqlite": f"printf('%%08x%%024x', {_SCATTERED}, n)",
    "postgresql": f"(lpad(to_hex({_SCATTERED}), 8, '0') || lpad(to_hex(n), 24, '0'))::uuid",
}

# Ids above all that this benchmark has given out by itself before.
NUMBER = f"n + {10**9}"
_CACHE_KILOBYTES = 2_000_000


def tables() -> tuple[str, ...]:
    """The tables that grow with the events."""
    return tuple(model._meta.db_table for model in _models())


def moment(count: int) -> str:
    """The time of the copy `n` of `count`."""
    return _MOMENT[connection.vendor].format(count=count)


def fill(event: Any, *, first: int, last: int, of: int) -> None:
    """Insert the copies numbered `first` to `last` of `event`, its run and its step, as of `of` in all.

    They are as long as the rows that they are copies of, and their keys as scattered; their numbers follow.
    """
    run = event_run(event)
    step = run.steps.get()
    when, name, key = moment(of), NAME[connection.vendor], UUIDS[connection.vendor]
    times = dict.fromkeys(("created", "received_at", "matched_at", "match_due_at", "mirror_due_at"), when)
    named = {"external_id": f"'evt_' || {name}", "object_id": f"'issfr_' || {name}"}
    lives = dict.fromkeys(("created_at", "started_at", "finished_at"), when)
    number = f"n + {event.pk}"
    of_event = {"id": number, **named, **times}
    of_run = {"id": key, "event_id": number, "object_id": named["object_id"], **lives, "queued_at": when}
    of_step = {
        "id": f"n + {step.pk}",
        "run_id": key,
        "idempotency_key": f"'stripeflow:' || {key} || ':note:1'",
        **lives,
        "run_created_at": when,
    }
    with _without_care():
        for row, columns in ((event, of_event), (run, of_run), (step, of_step)):
            pk = row._meta.pk.get_db_prep_value(row.pk, connection)
            _insert(type(row), columns, chosen="id = %s", parameters=[first, last, pk])
    _continue_numbers()
    gather_statistics()


def empty() -> None:
    """Remove all events, runs and steps, however many there are."""
    with _without_care(), connection.cursor() as cursor:
        for table in reversed(tables()):
            # Without a condition, and nobody looking after foreign keys, SQLite drops all rows at once.
            cascade = f"TRUNCATE {table} CASCADE"
            cursor.execute(cascade if connection.vendor == "postgresql" else f"DELETE FROM {table}")


@contextmanager
def _without_care() -> Iterator[None]:
    """Write fast: a crash would only cost the copies, which keep to the foreign keys anyway."""
    with connection.cursor() as cursor:
        for statement in _CARELESS[connection.vendor]:
            cursor.execute(statement)
    try:
        yield
    finally:
        connection.close()
    storage.flush()


_CARELESS = {
    "sqlite": (
        "PRAGMA synchronous = OFF",
        "PRAGMA foreign_keys = OFF",
        f"PRAGMA cache_size = -{_CACHE_KILOBYTES}",
    ),
    "postgresql": ("SET synchronous_commit = off", "SET session_replication_role = replica"),
}


def _continue_numbers() -> None:
    """Have new rows come behind the copies, as they do where rows come one by one; SQLite does so itself."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(_models())):
            cursor.execute(statement)


def copy(
    model: type[models.Model], replaced: dict[str, str], *, of: tuple[str, Sequence[Any]], last: int
) -> None:
    """Insert the copies numbered 1 to `last` of the rows whose column `of[0]` is `of[1]`, taken in turns."""
    column, values = of
    field = next(one for one in model._meta.concrete_fields if one.column == column)
    pattern = [field.get_db_prep_value(value, connection) for value in values]
    cases = " ".join(f"WHEN n %% {len(values)} = {number} THEN %s" for number in range(len(values)))
    cast = "::uuid" if isinstance(values[0], UUID) and connection.vendor == "postgresql" else ""
    _insert(
        model,
        replaced,
        chosen=f"{column} IN ({', '.join(['%s'] * len(pattern))})",
        paired=f"t.{column} = (CASE {cases} END){cast}",
        parameters=[1, last, *pattern, *pattern],
    )
    # Or PostgreSQL would read all of this table for each row of another that refers to it.
    gather_statistics()


def gather_statistics() -> None:
    """As PostgreSQL does by itself in time. SQLite never does, so that its plans have to do without."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")


def event_run(event: Any) -> Any:
    """The run of an event, finished, with its one step."""
    from stripeflow.workflows.models import Run

    return Run.objects.get(event=event)


def _models() -> "tuple[type[models.Model], ...]":
    from stripeflow.triggers.models import Event
    from stripeflow.workflows.models import Run, StepRun

    return Event, Run, StepRun


def _insert(
    model: type[models.Model],
    replaced: dict[str, str],
    *,
    chosen: str,
    parameters: list[Any],
    paired: str = "TRUE",
) -> None:
    """Insert a copy of each of the `chosen` rows (`t`) for each number (`n`) with which it is `paired`."""
    quote = connection.ops.quote_name
    columns = [one.column for one in model._meta.concrete_fields if one.column and not one.generated]
    values = [replaced.get(column) or f"t.{quote(column)}" for column in columns]
    table = quote(model._meta.db_table)
    # The chosen rows are read once, and not again for each number from a table that grows meanwhile. SQLite
    # wants WITH before INSERT or inside; PostgreSQL takes both.
    statement = (
        f"INSERT INTO {table} ({', '.join(map(quote, columns))}) {_NUMBERS[connection.vendor]},"
        f" t AS MATERIALIZED (SELECT * FROM {table} WHERE {chosen})"
        f" SELECT {', '.join(values)} FROM s CROSS JOIN t WHERE {paired}"
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
