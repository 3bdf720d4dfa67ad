"""Names of people stay in what they did when the people go. Going back drops the columns alone."""

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import migrations, models
from django.db.models import OuterRef, Subquery
from django.db.models.functions import Left

NAMED = (("RunOperation", "user"), ("Switch", "user"), ("WorkflowVersion", "author"))


def fill(apps, schema_editor):
    """The names of those who are still there, by one statement a table."""
    users = apps.get_model(settings.AUTH_USER_MODEL)._base_manager
    # A model as it was does not say which of its fields is the name.
    name = get_user_model().USERNAME_FIELD
    for model, person in NAMED:
        found = users.filter(pk=OuterRef(person)).values(named=Left(name, 150))[:1]
        rows = apps.get_model("stripeflow_workflows", model)._base_manager.exclude(**{person: None})
        rows.update(**{f"{person}_name": Subquery(found)})


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ('stripeflow_workflows', '0006_a_run_may_await_its_release'),
    ]

    operations = [
        migrations.AddField(
            model_name='runoperation',
            name='user_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=150, verbose_name='name'),
        ),
        migrations.AddField(
            model_name='switch',
            name='user_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=150, verbose_name='name'),
        ),
        migrations.AddField(
            model_name='workflowversion',
            name='author_name',
            field=models.CharField(blank=True, db_default='', default='', max_length=150, verbose_name='author'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
