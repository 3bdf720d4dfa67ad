"""Old rows by the hundred thousand, copied by the database itself from one real run.

Only what must differ is replaced: ids, what is unique, what ties the rows together, and times.
"""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from django.db import connection, models

_NUMBERS = {
    "sqlite": "WITH RECURSIVE s(n) AS (SELECT %s UNION ALL SELECT n + 1 FROM s WHERE n < %s)",
    "postgresql": "WITH s(n) AS (SELECT generate_series(%s::bigint, %s::bigint))",
}
# Spread over 90 days, the newest two minutes old.
_MOMENT = {
    "sqlite": "strftime('%%Y-%%m-%%d %%H:%%M:%%S', 'now', '-' || (120 + n * 7 %% 7776000) || ' seconds')",
    "postgresql": "now() - (120 + n * 7 %% 7776000) * interval '1 second'",
}
_UUID = {"sqlite": "printf('%%032x', n)", "postgresql": "lpad(to_hex(n), 32, '0')::uuid"}

PREFIX = "evt_old_"
# Ids above all that this benchmark gives out by itself.
NUMBER = f"n + {10**9}"


def tables() -> tuple[str, ...]:
    """The tables that grow with the events."""
    return tuple(model._meta.db_table for model in _models())


def fill(event: Any, *, first: int, last: int) -> None:
    """Insert the copies numbered `first` to `last` of `event`, its run and its step; gather statistics."""
    run = event_run(event)
    step = run.steps.get()
    moment, key = _MOMENT[connection.vendor], _UUID[connection.vendor]
    times = dict.fromkeys(("created", "received_at", "matched_at", "match_due_at", "mirror_due_at"), moment)
    # What nobody looks at here is kept small, or a million rows would be two gigabytes.
    small = {"sqlite": "'{}'", "postgresql": "'{}'::jsonb"}[connection.vendor]
    times |= {"payload": small}
    event_columns = {"id": NUMBER, "external_id": f"'{PREFIX}' || n", "object_id": "'issfr_' || n", **times}
    lives = dict.fromkeys(("created_at", "started_at", "finished_at"), moment)
    run_columns = {"explanation": small, "id": key, "event_id": NUMBER, "object_id": "'issfr_' || n", **lives}
    step_columns = {
        "inputs": small,
        "outputs": small,
        "id": NUMBER,
        "run_id": key,
        "idempotency_key": "'stripeflow:old:' || n",
        **lives,
        "run_created_at": moment,
    }
    for row, columns in ((event, event_columns), (run, run_columns), (step, step_columns)):
        key = row._meta.pk.get_db_prep_value(row.pk, connection)
        _insert(type(row), columns, chosen="id = %s", parameters=[first, last, key])
    gather_statistics()


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
    """As a database does by itself in time."""
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


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
