"""SQLite refuses to delete a row of the audit log as well, unless a row says that entries so old were pruned.

A test database is left alone: a test of a host project that empties all tables there does so by DELETE.
"""

from django.db import migrations

TABLE = "stripeflow_workflows_auditentry"

# `at` is a text as Django writes it, and `before` the same time in ISO 8601: both in UTC.
GUARD = f"""
CREATE TRIGGER stripeflow_audit_kept BEFORE DELETE ON {TABLE}
WHEN NOT EXISTS (
    SELECT 1 FROM {TABLE} told
    WHERE told.kind = 'audit.pruned'
    AND replace(replace(json_extract(told.after, '$.before'), 'T', ' '), '+00:00', '') > OLD.at
)
BEGIN SELECT RAISE(ABORT, 'Rows of the audit log are added, and never changed or deleted.'); END
"""


def guard(apps, schema_editor):
    connection = schema_editor.connection
    if connection.vendor == "sqlite" and not _is_for_tests(connection):
        _run(connection, GUARD)


def unguard(apps, schema_editor):
    if schema_editor.connection.vendor == "sqlite":
        _run(schema_editor.connection, "DROP TRIGGER IF EXISTS stripeflow_audit_kept")


def _is_for_tests(connection):
    names = connection.settings_dict
    return connection.is_in_memory_db() or names["NAME"] == names["TEST"]["NAME"]


def _run(connection, statement):
    # Not `schema_editor.execute`: it takes the percent signs of a body for parameters.
    with connection.cursor() as cursor:
        cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("stripeflow_workflows", "0012_changing_customers")]

    operations = [migrations.RunPython(guard, unguard)]
