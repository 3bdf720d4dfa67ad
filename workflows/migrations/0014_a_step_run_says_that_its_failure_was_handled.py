"""Whether a run went on although a step failed is a column now. Older rows get it from their versions.

Going back drops the column alone.
"""

from django.db import migrations, models


def fill(apps, schema_editor):
    """By one statement a version, and only for versions that handle failures."""
    database = schema_editor.connection.alias
    versions = apps.get_model("stripeflow_workflows", "WorkflowVersion").objects.using(database)
    steps = apps.get_model("stripeflow_workflows", "StepRun").objects.using(database)
    failed = steps.filter(status="failed", superseded_at=None)
    for pk, document in versions.values_list("pk", "document").iterator():
        if keys := handling(document.get("steps", [])):
            failed.filter(version_id=pk, step_key__in=keys).update(handled=True)


def handling(steps):
    """The keys of the steps behind whose failure a run goes on, on whatever way they stand."""
    found = []
    for step in steps:
        if step.get("on_error", "stop") != "stop":
            found.append(step["key"])
        for branch in (*step.get("branches", ()), step.get("error_branch") or {}):
            found += handling(branch.get("steps", ()))
    return found


class Migration(migrations.Migration):

    dependencies = [
        ('stripeflow_workflows', '0013_audit_log_keeps_its_rows_on_sqlite'),
    ]

    operations = [
        migrations.AddField(
            model_name='steprun',
            name='handled',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
