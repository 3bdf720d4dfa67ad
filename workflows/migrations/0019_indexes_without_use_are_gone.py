"""Indexes that are written with each run and step, and that another one serves, that hold nothing of most rows, or that no
query uses, as the one for prefixes of keys that PostgreSQL had.

By their names, since Django would write the tables again on SQLite to take an index from a field.
"""

from django.db import migrations, models


def index(name, on):
    """Drops an index that Django named by itself, which makes it again on the way back."""
    return migrations.RunSQL(f'DROP INDEX IF EXISTS "{name}"', f'CREATE INDEX "{name}" ON {on}')


class Migration(migrations.Migration):

    dependencies = [
        ('stripeflow_workflows', '0018_kinds_of_steps_have_longer_names'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                index('stripeflow_workflows_run_rerun_of_id_4b0b3f24', 'stripeflow_workflows_run (rerun_of_id)'),
                index('stripeflow_workflows_steprun_run_id_aeb6f664', 'stripeflow_workflows_steprun (run_id)'),
                index('stripeflow_workflows_steprun_idempotency_key_084ab570', 'stripeflow_workflows_steprun (idempotency_key)'),
                migrations.RunSQL('DROP INDEX IF EXISTS "stripeflow_workflows_steprun_idempotency_key_084ab570_like"', ''),
            ],
            state_operations=[
                migrations.AlterField(
                    model_name='run',
                    name='rerun_of',
                    field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=models.deletion.PROTECT, related_name='reruns', to='stripeflow_workflows.run'),
                ),
                migrations.AlterField(
                    model_name='steprun',
                    name='run',
                    field=models.ForeignKey(db_index=False, on_delete=models.deletion.CASCADE, related_name='steps', to='stripeflow_workflows.run'),
                ),
                migrations.AlterField(
                    model_name='steprun',
                    name='idempotency_key',
                    field=models.CharField(blank=True, max_length=255, verbose_name='idempotency key'),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='run',
            index=models.Index(condition=models.Q(('rerun_of__isnull', False)), fields=['rerun_of'], name='stripeflow_run_reruns'),
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(fields=['idempotency_key'], name='stripeflow_step_key'),
        ),
        migrations.RemoveIndex(
            model_name='steprun',
            name='stripeflow_step_made',
        ),
        migrations.AddIndex(
            model_name='steprun',
            index=models.Index(condition=models.Q(('made_id__isnull', False)), fields=['made_id'], name='stripeflow_step_made'),
        ),
    ]
