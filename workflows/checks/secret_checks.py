"""The system checks of secrets: values that lie in clear (stripeflow.W012), and short ones (W013)."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.core.checks import CheckMessage, Tags, Warning, register
from django.db import DEFAULT_DB_ALIAS
from django.db.models import Manager, Model, QuerySet

from stripeflow.triggers import encryption
from stripeflow.triggers.encryption import CannotDecrypt
from stripeflow.triggers.known_secrets import SHORTEST, core
from stripeflow.workflows.checks.tables import has_tables
from stripeflow.workflows.definition.clear_secrets import holds_value, inputs_hold_value, secret_kinds
from stripeflow.workflows.models import Edit, Secret, Step, StepRun, WorkflowVersion

_BATCH = 500
_READ = (Edit, Step, StepRun, WorkflowVersion)


def register_all() -> None:
    """Register the checks; called once, when the app is ready."""
    register(check_clear_secrets, Tags.database)
    register(check_short_secrets, Tags.database)


def check_clear_secrets(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W012: rows that hold the value of a secret input, instead of the name of a secret."""
    if DEFAULT_DB_ALIAS not in (databases or []) or not secret_kinds() or not has_tables(*_READ):
        return []
    counts = rows_in_clear()
    if not any(counts.values()):
        return []
    listed = ", ".join(f"{what}: {count}" for what, count in counts.items())
    return [
        Warning(
            f"Values of secret inputs lie in clear in the database. Rows in {listed}.",
            hint="Run manage.py stripeflow_secrets adopt, once every process has this version.",
            id="stripeflow.W012",
        )
    ]


def check_short_secrets(
    app_configs: object, databases: Sequence[str] | None = None, **kwargs: object
) -> list[CheckMessage]:
    """W013: old secrets that are too short to be recognised, and so to be hidden."""
    if DEFAULT_DB_ALIAS not in (databases or []) or not has_tables(Secret):
        return []
    short = [name for name, kept in _each(Secret.objects, "name", "value") if _is_short(kept)]
    if not short:
        return []
    named = ", ".join(f"“{name}”" for name in sorted(short))
    return [
        Warning(
            f"Secrets of fewer than {SHORTEST} characters are not hidden in outputs and errors: {named}.",
            hint="Get a longer one from where each is used, and replace the value.",
            id="stripeflow.W013",
        )
    ]


def _is_short(kept: str) -> bool:
    try:
        return len(core(encryption.decrypted(kept))) < SHORTEST
    except CannotDecrypt:
        return False


def rows_in_clear() -> dict[str, int]:
    """How many rows hold such a value, by kind. Reads all rows, in batches."""
    kinds = secret_kinds()
    drafts = Step.objects.filter(action__in=kinds)
    done = StepRun.objects.filter(action__in=kinds, inputs__isnull=False)
    counts = {
        what: sum(inputs_hold_value(*row) for row in _each(rows, "action", "inputs"))
        for what, rows in {"drafts": drafts, "runs": done}.items()
    }
    kept: dict[str, type[Model]] = {"versions": WorkflowVersion, "undo copies": Edit}
    for what, model in kept.items():
        counts[what] = sum(holds_value(document) for (document,) in _each(model._default_manager, "document"))
    return counts


def _each(rows: QuerySet[Any] | Manager[Any], *columns: str) -> Iterator[tuple[Any, ...]]:
    """Only these columns, unordered: before a migration the database may lack others."""
    return rows.order_by().values_list(*columns).iterator(chunk_size=_BATCH)
