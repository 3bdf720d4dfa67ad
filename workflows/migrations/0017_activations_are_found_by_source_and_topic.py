"""What a version starts on is the source and the type of an event, whatever type its trigger is of."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("stripeflow_workflows", "0016_a_trigger_keeps_the_settings_of_its_type"),
    ]

    operations = [
        migrations.RemoveConstraint(model_name="activation", name="stripeflow_activation_one_open"),
        migrations.RemoveIndex(model_name="activation", name="stripeflow_activation_match"),
        migrations.RenameField(model_name="activation", old_name="event_type", new_name="topic"),
        migrations.AddField(
            model_name="activation",
            name="source",
            field=models.CharField(default="stripe", max_length=16),
        ),
        migrations.AddIndex(
            model_name="activation",
            index=models.Index(
                fields=["topic", "source", "ended_at", "started_at"], name="stripeflow_activation_match"
            ),
        ),
        migrations.AddConstraint(
            model_name="activation",
            constraint=models.UniqueConstraint(
                condition=models.Q(("ended_at__isnull", True)),
                fields=("workflow", "topic"),
                name="stripeflow_activation_one_open",
            ),
        ),
    ]
