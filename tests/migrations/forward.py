"""`python -m tests.migrations.forward`: a database of the first state, with its rows, brought up to date.

DATABASE_URL names an empty database. Prints how many rows each of our models has before and after, as JSON.
"""

import json
import os
from pathlib import Path
from typing import Any

STATE = "0001_initial"
ROWS = Path(__file__).parent / "rows_0001.json"
OURS = ("stripeflow_actions", "stripeflow_triggers", "stripeflow_workflows")


def main() -> None:
    """Make the old tables, fill them, migrate, and read every row by today's models."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.migrations.settings")
    django.setup()
    from django.apps import apps
    from django.core.management import call_command
    from django.db import connection

    call_command("migrate", "auth", verbosity=0)
    for app in OURS:
        call_command("migrate", app, STATE, verbosity=0)
    before = fill(connection)
    for app in OURS:
        call_command("migrate", app, verbosity=0)
    call_command("makemigrations", *OURS, check_changes=True, dry_run=True, verbosity=0)
    after = {name: len(list(apps.get_model(name).objects.all())) for name in before}
    found = {"plans": _plans(), "guard": _guard(connection), "tokens": _tokens(), "versions": _versions()}
    found["bodies"] = _bodies(connection)
    print(json.dumps({"before": before, "after": after, **found}))


def _guard(connection: Any) -> dict[str, Any]:
    """What the database itself makes of changing, deleting and pruning entries of the audit log."""
    from datetime import timedelta

    from django.utils import timezone

    from stripeflow.workflows.audit.acts import NOBODY
    from stripeflow.workflows.audit.pruning import prune
    from stripeflow.workflows.models import AuditEntry

    for days in (9, 1):
        AuditEntry(kind="workflow.created", at=timezone.now() - timedelta(days=days)).save()
    table = AuditEntry._meta.db_table
    update, delete = f"UPDATE {table} SET note = 'forged'", f"DELETE FROM {table}"  # noqa: S608
    refused = {"update": _is_refused(connection, update), "delete": _is_refused(connection, delete)}
    pruned = prune(NOBODY)
    # What was told to be pruned lets nothing newer go.
    newer = _is_refused(connection, f"{delete} WHERE kind = 'workflow.created'")
    return {**refused, "pruned": pruned, "delete newer": newer, "left": AuditEntry.objects.count()}


def _is_refused(connection: Any, statement: str) -> bool:
    from django.db import DatabaseError, transaction

    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)
    except DatabaseError as error:
        return "never changed or deleted" in str(error)
    return False


def _tokens() -> list[list[str]]:
    """The scopes of each API token, and whether it works."""
    from stripeflow.workflows.models import ApiToken

    return [[token.scopes, token.state().value] for token in ApiToken.objects.select_related("user")]


def _versions() -> dict[str, bool]:
    """Whether versions without types inside come out as they were, after going back to where types stood inside."""
    from django.core.management import call_command

    from stripeflow.workflows.models import WorkflowVersion

    rows = WorkflowVersion.objects.order_by("pk")
    now = list(rows.values_list("document", "types"))
    call_command("migrate", OURS[-1], "0014", verbosity=0)
    call_command("migrate", OURS[-1], verbosity=0)
    return {
        "typed": any(types for _document, types in now),
        "same": list(rows.values_list("document", "types")) == now,
    }


def _bodies(connection: Any) -> dict[str, bool]:
    """Whether events of both shapes say the same, after going back to where the payload stood beside the text too."""
    from django.core.management import call_command

    from stripeflow.triggers.models import Event

    recorded = {one["pk"]: one["fields"]["payload"] for one in json.loads(ROWS.read_text()) if one["model"].endswith(".event")}
    old = {event.pk: event.payload for event in Event.objects.all()}
    text = json.dumps({"user_id": "acct_1", "data": {"object": {"id": "a\x00b"}}})
    new = Event.objects.create(external_id="evt_new", type="new", source="stripe", created="2026-01-01T00:00Z", raw_body=text)
    now = {event.pk: event.payload for event in Event.objects.all()}
    call_command("migrate", OURS[1], "0001", verbosity=0)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT payload FROM {Event._meta.db_table} WHERE id = %s", [new.pk])  # noqa: S608
        (back,) = cursor.fetchone()
    call_command("migrate", OURS[1], verbosity=0)
    return {
        "as recorded": old == {pk: payload for pk, payload in recorded.items() if pk in old},
        "written again": (json.loads(back) if isinstance(back, str) else back) == now[new.pk],
        "same": {event.pk: event.payload for event in Event.objects.all()} == now,
    }


def _plans() -> int:
    """How many frozen versions can still be run."""
    from stripeflow.workflows.models import WorkflowVersion
    from stripeflow.workflows.versions.plans import plans_of

    return len(plans_of(list(WorkflowVersion.objects.values_list("pk", flat=True))))


def fill(connection: Any) -> dict[str, int]:
    """Insert the recorded rows by the models as they were; returns how many of each."""
    from django.core.management.color import no_style
    from django.db import transaction
    from django.db.migrations.loader import MigrationLoader

    loader = MigrationLoader(connection)
    state = [*((app, STATE) for app in OURS), *loader.graph.leaf_nodes("auth")]
    apps = loader.project_state(state).apps
    rows = json.loads(ROWS.read_text())
    counted: dict[str, int] = {}
    models = {}
    # Rows refer to each other in circles: the constraints are judged at the end.
    with connection.constraint_checks_disabled(), transaction.atomic():
        for row in rows:
            model = models.setdefault(row["model"], apps.get_model(row["model"]))
            model._base_manager.bulk_create([model(pk=row["pk"], **_values(model, row["fields"]))])
            counted[row["model"]] = counted.get(row["model"], 0) + 1
    with connection.cursor() as cursor:
        for sql in connection.ops.sequence_reset_sql(no_style(), list(models.values())):
            cursor.execute(sql)
    connection.check_constraints()
    return counted


def _values(model: Any, fields: dict[str, Any]) -> dict[str, Any]:
    known = ((model._meta.get_field(name), value) for name, value in fields.items())
    return {
        field.attname: value if field.is_relation else field.to_python(value)
        for field, value in known
        if not field.many_to_many
    }


if __name__ == "__main__":
    main()
