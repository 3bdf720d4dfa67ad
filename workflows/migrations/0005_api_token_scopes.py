import hashlib

from django.conf import settings
from django.db import migrations, models

# Tokens that were made before there were scopes keep what they could do.
ALL = "read run edit publish money"


def digest_of(password):
    # Those who log in elsewhere have an unusable one, which stands for none.
    return hashlib.sha256(("!" if password.startswith("!") else password).encode()).hexdigest()


def keep_what_they_could(apps, schema_editor):
    tokens = apps.get_model("stripeflow_workflows", "ApiToken").objects
    for token in tokens.select_related("user"):
        tokens.filter(pk=token.pk).update(scopes=ALL, password_digest=digest_of(token.user.password))


class Migration(migrations.Migration):

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        ("stripeflow_workflows", "0004_account_pause_without_a_key"),
    ]

    operations = [
        migrations.AddField(
            model_name="apitoken",
            name="last_used_from",
            field=models.GenericIPAddressField(blank=True, editable=False, null=True, verbose_name="last used from"),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="password_digest",
            field=models.CharField(db_default="", default="", editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name="apitoken",
            name="scopes",
            field=models.CharField(blank=True, db_default="", default="", max_length=200, verbose_name="scopes"),
        ),
        # Going back drops the columns, and what is in them.
        migrations.RunPython(keep_what_they_could, migrations.RunPython.noop),
    ]
