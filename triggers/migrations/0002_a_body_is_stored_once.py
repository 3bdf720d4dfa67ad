"""The payload is read from the event's text; its column keeps what the text does not say.

The column is renamed, which rewrites no row: older events are read as they are. A process of the version before finds
no column by its name, and fails: it would take the new events for empty ones. See docs/adr/0020.
"""

from django.db import migrations, models

BATCH = 500


def write_again(apps, schema_editor):
    """Writes the payloads of new events beside their texts, as the version before reads them."""
    from stripeflow.triggers import payloads

    rows = apps.get_model("stripeflow_triggers", "Event")._base_manager.using(schema_editor.connection.alias)
    last = 0
    while batch := list(rows.filter(pk__gt=last).order_by("pk").only("source", "raw_body", "stored_payload")[:BATCH]):
        last = batch[-1].pk
        lacking = [event for event in batch if not event.stored_payload and event.raw_body]
        for event in lacking:
            event.stored_payload = payloads.read(event.raw_body, of_stripe=event.source == "stripe")
        rows.bulk_update(lacking, ["stored_payload"])


class Migration(migrations.Migration):

    dependencies = [
        ('stripeflow_triggers', '0001_initial'),
    ]

    operations = [
        migrations.RenameField(
            model_name='event',
            old_name='payload',
            new_name='stored_payload',
        ),
        migrations.RunPython(migrations.RunPython.noop, write_again),
    ]
