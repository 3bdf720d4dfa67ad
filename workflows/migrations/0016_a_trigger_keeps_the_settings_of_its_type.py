"""What a trigger asks for is kept as its type says it, and no more in a column of Stripe's event types."""

from django.db import migrations, models


def fill(apps, schema_editor):
    """Write the event types as a document has them: one as a text, several as a list."""
    triggers = apps.get_model("stripeflow_workflows", "Trigger").objects.using(schema_editor.connection.alias)
    for pk, event_types in triggers.values_list("pk", "event_types").iterator():
        if event_types:
            written = event_types if len(event_types) > 1 else event_types[0]
            triggers.filter(pk=pk).update(settings={"event_type": written})


def take_back(apps, schema_editor):
    triggers = apps.get_model("stripeflow_workflows", "Trigger").objects.using(schema_editor.connection.alias)
    for pk, settings in triggers.values_list("pk", "settings").iterator():
        if given := settings.get("event_type"):
            triggers.filter(pk=pk).update(event_types=[given] if isinstance(given, str) else given)


class Migration(migrations.Migration):
    dependencies = [
        ("stripeflow_workflows", "0015_types_lie_beside_the_document"),
    ]

    operations = [
        migrations.AddField(
            model_name="trigger",
            name="settings",
            field=models.JSONField(blank=True, default=dict, verbose_name="settings"),
        ),
        migrations.RunPython(fill, take_back),
        migrations.RemoveField(model_name="trigger", name="event_types"),
        migrations.AlterField(
            model_name="trigger",
            name="type",
            field=models.CharField(default="stripe_event", max_length=32, verbose_name="starts on"),
        ),
    ]
