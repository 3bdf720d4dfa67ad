"""What an action reserved below 1 counted backwards, and let more pass than the limits of its day.

Such rows are set to what they should have been: nothing. That is not taken back by migrating back.
"""

from typing import Any

from django.db import migrations, models


def forget_what_is_no_amount(apps: Any, schema_editor: Any) -> None:
    database = schema_editor.connection.alias
    reservations = apps.get_model("stripeflow_workflows", "Reservation").objects.using(database)
    reservations.filter(amount__lt=1).delete()
    spending = apps.get_model("stripeflow_workflows", "Spending").objects.using(database)
    spending.filter(amount__lt=0).update(amount=0)


class Migration(migrations.Migration):
    # On PostgreSQL a table whose rows were changed cannot be altered in the same transaction.
    atomic = False

    dependencies = [
        ("stripeflow_workflows", "0008_a_trigger_may_ignore_caused_events"),
    ]

    operations = [
        migrations.RunPython(forget_what_is_no_amount, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="reservation",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 1)), name="stripeflow_reservation_positive"
            ),
        ),
        migrations.AddConstraint(
            model_name="spending",
            constraint=models.CheckConstraint(
                condition=models.Q(("amount__gte", 0)), name="stripeflow_spending_not_negative"
            ),
        ),
    ]
