"""The database itself refuses to change a row of the audit log.

PostgreSQL refuses to delete one as well, unless a row says that entries so old were pruned. SQLite does not:
a test of a host project that empties all tables there does so by DELETE.
"""

from django.db import migrations

TABLE = "stripeflow_workflows_auditentry"

POSTGRES = f"""
CREATE FUNCTION stripeflow_audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM {TABLE} told
        WHERE told.kind = 'audit.pruned' AND (told.after ->> 'before')::timestamptz > OLD.at
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'Rows of the audit log are added, and never changed or deleted.';
END
$$;
CREATE TRIGGER stripeflow_audit_append_only BEFORE UPDATE OR DELETE ON {TABLE}
FOR EACH ROW EXECUTE FUNCTION stripeflow_audit_append_only();
"""
SQLITE = f"""
CREATE TRIGGER stripeflow_audit_append_only BEFORE UPDATE ON {TABLE}
BEGIN SELECT RAISE(ABORT, 'Rows of the audit log are added, and never changed or deleted.'); END
"""
MADE = {"postgresql": POSTGRES, "sqlite": SQLITE}
UNMADE = {
    "postgresql": f"DROP TRIGGER stripeflow_audit_append_only ON {TABLE};"
    "DROP FUNCTION stripeflow_audit_append_only();",
    "sqlite": "DROP TRIGGER stripeflow_audit_append_only",
}


def guard(apps, schema_editor):
    _run(schema_editor, MADE)


def unguard(apps, schema_editor):
    _run(schema_editor, UNMADE)


def _run(schema_editor, statements):
    if statement := statements.get(schema_editor.connection.vendor):
        # Not `schema_editor.execute`: it takes the percent signs of a body for parameters.
        with schema_editor.connection.cursor() as cursor:
            cursor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("stripeflow_workflows", "0002_audit_log")]

    operations = [migrations.RunPython(guard, unguard)]
